# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# The screen against the verdict, and the checks of the house that need a build.
add_executable(test_screen test_screen.c screen_check_generic.c)
target_link_libraries(test_screen PRIVATE bl23_host bl23_test_support)
target_compile_definitions(test_screen PRIVATE "BL23_TEST_DIR=\"${CMAKE_CURRENT_SOURCE_DIR}\"")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_sources(test_screen PRIVATE screen_check_avx2.c screen_check_avx512.c)
  set_source_files_properties(screen_check_avx2.c PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma")
  set_source_files_properties(screen_check_avx512.c PROPERTIES COMPILE_OPTIONS
    "-mavx2;-mfma;-mavx512f;-mavx512dq;-mavx512vl;-mavx512bw")
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  target_sources(test_screen PRIVATE screen_check_neon.c)
endif()
add_test(NAME screen COMMAND test_screen)
set_tests_properties(screen PROPERTIES LABELS conform TIMEOUT 600)

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

add_test(NAME tidy
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check_tidy.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
set_tests_properties(tidy PROPERTIES LABELS "house;release-only" SKIP_RETURN_CODE 77 TIMEOUT 600)

add_test(NAME valgrind
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check_valgrind.sh $<TARGET_FILE:bl23> ${PROJECT_SOURCE_DIR})
set_tests_properties(valgrind PROPERTIES LABELS "unit;release-only" SKIP_RETURN_CODE 77 TIMEOUT 600)
