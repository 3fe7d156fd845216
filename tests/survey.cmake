# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Tests of the survey: kernels, backends, output, interruption, damage, command line.
# `ctest -C slow` or BL23_SLOW=1 in the environment adds the long versions.

add_library(bl23_survey_support STATIC plain_survey.c)
target_link_libraries(bl23_survey_support PUBLIC bl23_host bl23_test_support)
target_compile_definitions(bl23_survey_support PUBLIC
  "BL23_SURVEY_DIR=\"${PROJECT_SOURCE_DIR}/scripts/surveys\""
  "BL23_DATA_DIR=\"${CMAKE_CURRENT_SOURCE_DIR}/data\"")

# bl23_survey_test(noun label...): the same as bl23_test, with what the survey is made of.
function(bl23_survey_test noun)
  bl23_test(${noun} ${ARGN})
  target_link_libraries(test_${noun} PRIVATE bl23_survey_support)
endfunction()

bl23_survey_test(philox unit)
bl23_survey_test(elementary unit)
bl23_survey_test(cover conform)
bl23_slow_command(cover $<TARGET_FILE:test_cover>)
bl23_survey_test(verdict unit)
bl23_survey_test(row unit)
bl23_survey_test(library_misuse unit)
bl23_survey_test(bound_order unit)
bl23_survey_test(cover_shear conform)
bl23_survey_test(cover_verify conform)
bl23_survey_test(model_check unit)
bl23_survey_test(results unit)
bl23_survey_test(allotment unit)
add_library(bl23_without_linux OBJECT # the other way of what is Linux's own must compile
  ${PROJECT_SOURCE_DIR}/host/io/system.c ${PROJECT_SOURCE_DIR}/host/io/cgroup.c)
target_compile_options(bl23_without_linux PRIVATE -U__linux__)
target_compile_definitions(bl23_without_linux PRIVATE _DEFAULT_SOURCE)
target_link_libraries(bl23_without_linux PRIVATE bl23_options)
bl23_survey_test(stop unit)
target_link_libraries(test_stop PRIVATE Threads::Threads)
bl23_survey_test(cpu_backend conform)
set_tests_properties(cpu_backend PROPERTIES TIMEOUT 900)
bl23_survey_test(isa unit)
bl23_survey_test(haar stat release-only)
target_link_libraries(test_haar PRIVATE Threads::Threads)

# cuRAND's device header read by nvcc or by the host's C++ compiler; without both the test skips.
set(curand_run ${CMAKE_CURRENT_SOURCE_DIR}/check_curand.sh ${PROJECT_SOURCE_DIR})
add_test(NAME curand_words COMMAND ${curand_run} $<TARGET_FILE:test_philox>)
set_tests_properties(curand_words PROPERTIES LABELS unit SKIP_RETURN_CODE ${skip_code} TIMEOUT 120)

# The Python of the system comes with h5py; another one in the PATH may not.
find_program(BL23_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(BL23_PYTHON NAMES python3)

set(run_pytest ${BL23_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/run_pytest.py
  --bl23=$<TARGET_FILE:bl23> --source=${PROJECT_SOURCE_DIR})

# bl23_python_test(noun timeout label...): test_<noun>.py by pytest, and its long version for slow.
function(bl23_python_test noun timeout)
  add_test(NAME ${noun} COMMAND ${run_pytest} ${CMAKE_CURRENT_SOURCE_DIR}/test_${noun}.py)
  set_tests_properties(${noun} PROPERTIES
    LABELS "${ARGN}" SKIP_RETURN_CODE ${skip_code} TIMEOUT ${timeout})
endfunction()

function(bl23_slow_test noun)
  bl23_slow_command(${noun} ${run_pytest} ${CMAKE_CURRENT_SOURCE_DIR}/test_${noun}.py)
endfunction()

if(BL23_PYTHON)
  bl23_python_test(survey_bytes 600 conform release-only)
  bl23_python_test(library 900 conform release-only)
  bl23_python_test(python_package 600 conform release-only)
  bl23_python_test(python_files 600 cli release-only)
  bl23_python_test(python_plot 600 cli release-only)
  bl23_python_test(python_wheel 1800 cli release-only) # it builds everything again
  bl23_python_test(points_command 600 cli release-only)
  bl23_python_test(site 900 cli release-only)
  bl23_python_test(given_rows 300 "conform;fault")
  bl23_python_test(no_screen 600 conform release-only)
  bl23_python_test(reference 900 conform release-only)
  bl23_python_test(kill 600 fault release-only)
  bl23_python_test(damage 600 fault)
  bl23_python_test(cli 300 cli)
  bl23_python_test(cli_answers 300 cli)
  bl23_python_test(help 120 cli)
  bl23_python_test(misuse 300 cli)
  bl23_python_test(paths 300 cli)
  bl23_python_test(allotted 120 cli release-only) # it limits the address space
  bl23_python_test(plane 300 cli)
  bl23_python_test(point 120 cli)
  bl23_python_test(chi2 300 "cli;conform" release-only)
  bl23_python_test(bestfit 300 "cli;conform" release-only)
  bl23_python_test(draws 300 "cli;conform" release-only)
  bl23_python_test(closure 600 conform release-only)
  bl23_slow_test(closure)
  bl23_python_test(limits 300 cli)
  bl23_python_test(schema 300 cli)
  bl23_python_test(sets 120 cli)
  bl23_python_test(shipped 300 cli)
  bl23_python_test(completion 120 cli)
  bl23_python_test(install 600 "cli;release-only")
  bl23_python_test(rerun 600 cli conform release-only)
  bl23_python_test(names 300 cli)
  bl23_python_test(reproduce 300 cli)
  bl23_python_test(figures 600 cli release-only)
  bl23_python_test(figure_axes 300 cli release-only)
  bl23_python_test(figure_input 600 cli release-only)
  bl23_python_test(figure_names 300 cli release-only)
  bl23_python_test(bound_survey 900 conform release-only)
  bl23_python_test(bound_figure 300 cli release-only)
  bl23_python_test(cover_figure 300 cli release-only)
  bl23_python_test(answer_figure 300 cli release-only)
  bl23_python_test(cover_command 600 conform)
  bl23_python_test(draw_cover 300 conform)
  bl23_python_test(sheared_survey 300 conform)
  bl23_python_test(bound_random 300 conform)
  bl23_python_test(bound_charm 300 conform)
  bl23_python_test(domain 120 cli)
  bl23_python_test(bound_forged 300 fault)
  bl23_python_test(gpu_survey 600 gpu release-only)
  bl23_python_test(trust 300 cli)
  bl23_python_test(run_folder 300 fault)
  bl23_python_test(hostile_hdf5 600 fault)
  bl23_python_test(other_readers 300 cli)
  bl23_python_test(extend 300 "conform;fault")
  bl23_python_test(ptx_translate 120 unit)
  bl23_python_test(aarch64 1200 arm release-only)
  bl23_slow_test(bound_survey)
  bl23_slow_test(cover_command)
  bl23_slow_test(bound_random)
  bl23_slow_test(bound_forged)
  bl23_slow_test(hostile_hdf5)
  bl23_slow_test(survey_bytes)
  bl23_slow_test(limits)
  bl23_slow_test(figure_input)
  bl23_slow_test(no_screen)
  bl23_slow_test(reference)
  bl23_slow_test(kill)
  bl23_slow_test(memory)
  bl23_python_test(packages 120 cli)
  bl23_slow_test(install)
  bl23_slow_test(packages)
  bl23_slow_test(clean_root)

  # Forgeries: each kind once, and a thousand for slow.
  bl23_python_test(forgeries 600 fault)
  bl23_slow_test(forgeries)

  add_library(fault_shim MODULE fault_shim.c)
  target_link_libraries(fault_shim PRIVATE bl23_options ${CMAKE_DL_LIBS})
  bl23_python_test(faults 900 fault release-only)
  bl23_python_test(reads 600 fault release-only)
  bl23_slow_test(faults)
  bl23_slow_test(reads)
  set_tests_properties(faults slow_faults reads slow_reads PROPERTIES
    ENVIRONMENT "BL23_SHIM=$<TARGET_FILE:fault_shim>")

  bl23_python_test(outputs 300 fault)
  set_tests_properties(outputs PROPERTIES ENVIRONMENT "BL23_SHIM=$<TARGET_FILE:fault_shim>")

  add_library(file_system_shim MODULE file_system_shim.c)
  target_link_libraries(file_system_shim PRIVATE bl23_options ${CMAKE_DL_LIBS})
  bl23_python_test(file_systems 300 fault)
  set_tests_properties(file_systems PROPERTIES
    ENVIRONMENT "BL23_SHIM=$<TARGET_FILE:file_system_shim>")

  add_library(inherited_shim MODULE inherited_shim.c)
  target_link_libraries(inherited_shim PRIVATE bl23_options ${CMAKE_DL_LIBS} m)
  bl23_python_test(inherited 300 fault)
  bl23_python_test(no_memory 300 "fault;release-only")
  bl23_slow_test(no_memory)
  set_tests_properties(inherited no_memory PROPERTIES
    ENVIRONMENT "BL23_SHIM=$<TARGET_FILE:inherited_shim>")
  set_property(TEST slow_no_memory APPEND PROPERTY
    ENVIRONMENT "BL23_SHIM=$<TARGET_FILE:inherited_shim>")
endif()

set(compilers ${CMAKE_CURRENT_SOURCE_DIR}/check_compilers.sh ${PROJECT_SOURCE_DIR}
  $<TARGET_FILE:bl23>)
add_test(NAME compilers COMMAND ${compilers})
set_tests_properties(compilers PROPERTIES
  LABELS "conform;release-only" SKIP_RETURN_CODE ${skip_code} TIMEOUT 900)
bl23_slow_command(compilers ${compilers})
