# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# What nvcc makes of the kernels, without a device: its PTX, translated to C++, on the threads and
# the runtime of tests/cuda_shim. It is built by a test, so that a PTX that the translator refuses
# makes a test fail, not the build.
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
    "$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-fno-math-errno>"
    "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wno-unused-but-set-variable>")
  target_link_libraries(${target} PRIVATE bl23_options)
endfunction()

# ptx_to_cpp(output text...): C++ from PTX. Several texts are those of several targets, which must
# have the same instructions.
function(ptx_to_cpp output)
  add_custom_command(OUTPUT ${output}
    COMMAND ${BL23_PYTHON} -B ${ptx}/ptx_translate.py -o ${output} ${ARGN}
    DEPENDS ${ptx}/ptx_translate.py ${ptx}/ptx_module.py ${ptx}/ptx_instructions.py ${ARGN}
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()

ptx_to_cpp(${CMAKE_CURRENT_BINARY_DIR}/known_answers_ptx.cpp ${ptx}/known_answers.ptx)
add_executable(test_ptx_machine test_ptx_machine.cpp
  ${CMAKE_CURRENT_BINARY_DIR}/known_answers_ptx.cpp ${ptx}/ptx_machine.cpp
  ${shim}/shim_runtime.cpp ${shim}/shim_threads.cpp)
ptx_options(test_ptx_machine)
target_link_libraries(test_ptx_machine PRIVATE PkgConfig::CMOCKA)
add_test(NAME ptx_machine COMMAND test_ptx_machine)
set_tests_properties(ptx_machine PROPERTIES LABELS unit TIMEOUT ${program_timeout})

if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "the kernels' PTX is not tested: that needs nvcc")
  return()
endif()

# The targets of the build, compiled as there.
set(ptx_targets)
foreach(architecture IN LISTS CMAKE_CUDA_ARCHITECTURES)
  if(architecture MATCHES "^([0-9]+[af]?)(-real|-virtual)?$")
    list(APPEND ptx_targets ${CMAKE_MATCH_1})
  endif()
endforeach()
list(REMOVE_DUPLICATES ptx_targets)
if(NOT ptx_targets)
  set(ptx_targets 80)
endif()
get_target_property(ptx_sources bl23_kernels SOURCES)
list(FILTER ptx_sources INCLUDE REGEX "\\.cu$")
foreach(target IN LISTS ptx_targets)
  add_library(bl23_ptx_${target} OBJECT EXCLUDE_FROM_ALL)
  set_target_properties(bl23_ptx_${target} PROPERTIES
    CUDA_PTX_COMPILATION ON CUDA_ARCHITECTURES ${target}-virtual)
  target_compile_features(bl23_ptx_${target} PRIVATE cuda_std_17)
  target_compile_options(bl23_ptx_${target} PRIVATE $<TARGET_PROPERTY:bl23_kernels,COMPILE_OPTIONS>)
  target_link_libraries(bl23_ptx_${target} PRIVATE bl23_options)
endforeach()
add_library(bl23_kernels_on_ptx OBJECT EXCLUDE_FROM_ALL
  ${ptx}/kernels_on_ptx.cpp ${ptx}/ptx_machine.cpp)
ptx_options(bl23_kernels_on_ptx)
list(TRANSFORM ptx_targets PREPEND bl23_ptx_ OUTPUT_VARIABLE ptx_libraries)
add_dependencies(bl23_kernels_on_ptx ${ptx_libraries})
foreach(source IN LISTS ptx_sources)
  set(texts)
  foreach(target IN LISTS ptx_targets)
    target_sources(bl23_ptx_${target} PRIVATE ${PROJECT_SOURCE_DIR}/kernels/${source})
    get_filename_component(name ${source} NAME_WE)
    list(APPEND texts $<FILTER:$<TARGET_OBJECTS:bl23_ptx_${target}>,INCLUDE,${name}>)
  endforeach()
  ptx_to_cpp(${CMAKE_CURRENT_BINARY_DIR}/${name}_ptx.cpp ${texts})
  target_sources(bl23_kernels_on_ptx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${name}_ptx.cpp)
endforeach()
# Time goes to the compiler, not to what it makes.
target_compile_options(bl23_kernels_on_ptx PRIVATE -O1 -std=c++17)
set_target_properties(bl23_kernels_on_ptx PROPERTIES CXX_COMPILER_LAUNCHER ${ptx}/with_clang.sh)

add_executable(bl23_on_ptx EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/host/main.c)
target_include_directories(bl23_on_ptx PRIVATE ${PROJECT_BINARY_DIR}/host)
target_link_libraries(bl23_on_ptx PRIVATE bl23_cuda_shim bl23_kernels_on_ptx bl23_host)
add_executable(test_cuda_ptx EXCLUDE_FROM_ALL test_cuda_backend.c)
target_link_libraries(test_cuda_ptx PRIVATE
  bl23_cuda_shim bl23_kernels_on_ptx bl23_test_support bl23_survey_support)
set_target_properties(bl23_on_ptx test_cuda_ptx PROPERTIES LINKER_LANGUAGE CXX)

add_test(NAME ptx_build
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --config $<CONFIG>
          --target bl23_on_ptx test_cuda_ptx)
set_tests_properties(ptx_build PROPERTIES
  LABELS "conform;release-only" FIXTURES_SETUP ptx TIMEOUT 1200)
add_test(NAME cuda_ptx COMMAND test_cuda_ptx kernels)
set_tests_properties(cuda_ptx PROPERTIES ENVIRONMENT BL23_PTX_TWINS=1)
add_test(NAME cuda_ptx_survey
  COMMAND ${run_pytest} ${CMAKE_CURRENT_SOURCE_DIR}/test_cuda_survey.py)
set_tests_properties(cuda_ptx_survey PROPERTIES SKIP_RETURN_CODE ${skip_code}
  ENVIRONMENT "BL23_ON_SHIM=$<TARGET_FILE:bl23_on_ptx>;BL23_KERNELS=1")
set_tests_properties(cuda_ptx cuda_ptx_survey PROPERTIES
  LABELS "conform;release-only" FIXTURES_REQUIRED ptx TIMEOUT 1200)
