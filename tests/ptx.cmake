# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# What nvcc makes of the kernels, without a device: its PTX, translated to C++, on the threads and the
# runtime of tests/cuda_shim. It is built by a test, so that a PTX that the translator refuses is a
# test that fails and no build that does.
set(ptx ${CMAKE_CURRENT_SOURCE_DIR}/ptx)
if(NOT BL23_PYTHON)
  message(STATUS "PTX is not tested on the host: that needs Python")
  return()
endif()

# ptx_options(target): what C++ out of PTX, and around it, is compiled with.
function(ptx_options target)
  target_include_directories(${target} BEFORE PRIVATE ${shim})
  target_compile_features(${target} PRIVATE cxx_std_17)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-fno-math-errno;-Wall;-Wextra;-Wno-unused-but-set-variable>)
  target_link_libraries(${target} PRIVATE bl23_options)
endfunction()

# ptx_to_cpp(output text...): out of PTX; several texts are those of several targets, and say the same.
function(ptx_to_cpp output)
  add_custom_command(OUTPUT ${output}
    COMMAND ${BL23_PYTHON} -B ${ptx}/ptx_translate.py -o ${output} ${ARGN}
    DEPENDS ${ptx}/ptx_translate.py ${ptx}/ptx_module.py ${ptx}/ptx_instructions.py ${ARGN}
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()

ptx_to_cpp(${CMAKE_CURRENT_BINARY_DIR}/known_answers_ptx.cpp ${ptx}/known_answers.ptx)
add_executable(test_ptx_machine test_ptx_machine.cpp ${CMAKE_CURRENT_BINARY_DIR}/known_answers_ptx.cpp
  ${ptx}/ptx_machine.cpp ${shim}/shim_runtime.cpp ${shim}/shim_threads.cpp)
ptx_options(test_ptx_machine)
target_link_libraries(test_ptx_machine PRIVATE PkgConfig::CMOCKA)
add_test(NAME ptx_machine COMMAND test_ptx_machine)
set_tests_properties(ptx_machine PROPERTIES LABELS unit TIMEOUT ${program_timeout})
