# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# The screen against the verdict, and the checks of the house that need a build.
add_executable(test_screen test_screen.c)
target_link_libraries(test_screen PRIVATE bl23_survey_support bl23_host bl23_test_support)
target_compile_definitions(test_screen PRIVATE "BL23_TEST_DIR=\"${CMAKE_CURRENT_SOURCE_DIR}\"")
foreach(set IN LISTS bl23_sets)
  add_library(screen_check_${set} OBJECT screen_check.c)
  target_compile_definitions(screen_check_${set} PRIVATE BL23_SET=${set})
  target_compile_options(screen_check_${set} PRIVATE ${bl23_flags_${set}})
  target_link_libraries(screen_check_${set} PRIVATE bl23_options)
  target_sources(test_screen PRIVATE $<TARGET_OBJECTS:screen_check_${set}>)
endforeach()
add_test(NAME screen COMMAND test_screen)
set_tests_properties(screen PROPERTIES LABELS conform TIMEOUT 1200)

# The page on the file format is what the program writes.
find_program(system_python NAMES /usr/bin/python3 python3)
add_test(NAME file_format
  COMMAND ${system_python} ${PROJECT_SOURCE_DIR}/scripts/make_file_format.py $<TARGET_FILE:bl23>
          --check -o ${PROJECT_SOURCE_DIR}/docs/file-format.md)
set_tests_properties(file_format PROPERTIES LABELS "house;release-only")

# Every number of the page on the paper is printed by the command above it.
add_test(NAME paper_page
  COMMAND ${system_python} ${PROJECT_SOURCE_DIR}/scripts/make_paper.py $<TARGET_FILE:bl23> --check)
set_tests_properties(paper_page PROPERTIES LABELS "cli;release-only" TIMEOUT 600)

set(tidy ${CMAKE_CURRENT_SOURCE_DIR}/check_tidy.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
add_test(NAME tidy COMMAND ${tidy})
bl23_slow_command(tidy ${tidy})
set_tests_properties(tidy PROPERTIES
  LABELS "house;release-only" SKIP_RETURN_CODE 77 TIMEOUT 1800 PROCESSORS 2)
add_test(NAME tidy_fails
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check_tidy_fails.sh ${PROJECT_SOURCE_DIR})
set_tests_properties(tidy_fails PROPERTIES LABELS "house;release-only" SKIP_RETURN_CODE 77)

add_test(NAME valgrind
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check_valgrind.sh $<TARGET_FILE:bl23> ${PROJECT_SOURCE_DIR})
set_tests_properties(valgrind PROPERTIES LABELS "unit;release-only" SKIP_RETURN_CODE 77 TIMEOUT 600)
