# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# The CUDA backend without a device: kernels/cuda/cuda_* built for the host against tests/cuda_shim,
# in a test program and in a `bl23` of its own.
include(CheckLanguage)
check_language(CXX)
if(BL23_FUZZ OR NOT CMAKE_CXX_COMPILER)
  message(STATUS
    "the CUDA backend is not tested on the host: that needs a C++ compiler, and no fuzz targets")
  return()
endif()
enable_language(CXX)

set(shim ${CMAKE_CURRENT_SOURCE_DIR}/cuda_shim)
add_library(bl23_cuda_shim OBJECT ${shim}/shim_runtime.cpp ${shim}/shim_threads.cpp
  ${PROJECT_SOURCE_DIR}/kernels/cuda/cuda_audit.c ${PROJECT_SOURCE_DIR}/kernels/cuda/cuda_backend.c
  ${PROJECT_SOURCE_DIR}/kernels/cuda/cuda_intake.c ${PROJECT_SOURCE_DIR}/kernels/cuda/cuda_slot.c)
target_include_directories(bl23_cuda_shim BEFORE PUBLIC ${shim})
target_compile_features(bl23_cuda_shim PRIVATE cxx_std_17)
target_compile_options(bl23_cuda_shim PRIVATE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-Wall;-Wextra>)
target_link_libraries(bl23_cuda_shim PUBLIC bl23_options)
add_library(bl23_kernels_on_host OBJECT ${shim}/kernels_on_host.cpp)
target_compile_features(bl23_kernels_on_host PRIVATE cxx_std_17)
target_compile_options(bl23_kernels_on_host PRIVATE -ffp-contract=off -Wall -Wextra)
target_link_libraries(bl23_kernels_on_host PUBLIC bl23_cuda_shim)

# test_screen asks the conditions of the device, too.
target_sources(test_screen PRIVATE screen_check_cuda.cpp)
target_include_directories(test_screen BEFORE PRIVATE ${shim})
target_compile_features(test_screen PRIVATE cxx_std_17)
target_compile_definitions(test_screen PRIVATE BL23_TEST_CUDA_SCREEN=1)
target_compile_options(test_screen PRIVATE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-Wall;-Wextra>)
target_link_libraries(test_screen PRIVATE bl23_cuda_shim bl23_kernels_on_host)
set_target_properties(test_screen PROPERTIES LINKER_LANGUAGE CXX)

bl23_survey_test(cuda_backend conform)
target_link_libraries(test_cuda_backend PRIVATE bl23_cuda_shim bl23_kernels_on_host)
set_target_properties(test_cuda_backend PROPERTIES LINKER_LANGUAGE CXX)
set_tests_properties(cuda_backend PROPERTIES TIMEOUT 2400) # under the sanitizers

add_executable(bl23_on_shim ${PROJECT_SOURCE_DIR}/host/main.c)
target_include_directories(bl23_on_shim PRIVATE ${PROJECT_BINARY_DIR}/host)
target_link_libraries(bl23_on_shim PRIVATE bl23_cuda_shim bl23_kernels_on_host bl23_host)
set_target_properties(bl23_on_shim PROPERTIES LINKER_LANGUAGE CXX)

if(BL23_PYTHON)
  bl23_python_test(cuda_survey 1200 conform fault release-only)
  set_tests_properties(cuda_survey given_rows PROPERTIES
    ENVIRONMENT "BL23_ON_SHIM=$<TARGET_FILE:bl23_on_shim>")
endif()

# bench/gpu_check as a GPU host will run it, so that the program is known to work, and to fail.
set(gpu_check_sources gpu_bench.c gpu_check.c gpu_conform.c gpu_survey.c)
list(TRANSFORM gpu_check_sources PREPEND ${PROJECT_SOURCE_DIR}/bench/)
add_executable(gpu_check_on_shim ${gpu_check_sources})
target_link_libraries(gpu_check_on_shim PRIVATE bl23_cuda_shim bl23_kernels_on_host bl23_kernels m)
set_target_properties(gpu_check_on_shim PROPERTIES LINKER_LANGUAGE CXX)
if(BL23_PYTHON)
  foreach(name IN ITEMS gpu_check gpu_check_script)
    bl23_python_test(${name} 600 cli fault)
    set(on_shim "GPU_CHECK_ON_SHIM=$<TARGET_FILE:gpu_check_on_shim>"
      "BL23_ON_SHIM=$<TARGET_FILE:bl23_on_shim>")
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${on_shim}")
  endforeach()
  set_tests_properties(gpu_check gpu_check_script PROPERTIES LABELS "cli;fault;release-only")
endif()
include(ptx.cmake)
