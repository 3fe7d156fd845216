# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Tests of parts and ranks. Those labelled mpi need a build with BL23_MPI.
bl23_test(survivor_list unit)
bl23_test(unsorted_survivors unit)
target_link_options(test_unsorted_survivors PRIVATE # allocations fail on demand
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
bl23_test(thinning unit)
bl23_test(work unit)
foreach(noun IN ITEMS survivor_list thinning work)
  target_link_libraries(test_${noun} PRIVATE bl23_host)
endforeach()

add_test(NAME no_mpi COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check_no_mpi.sh $<TARGET_FILE:bl23>
  $<BOOL:${BL23_MPI}> ${PROJECT_SOURCE_DIR}/scripts/surveys/fig3.yaml)
set_tests_properties(no_mpi PROPERTIES LABELS "unit;mpi")

if(BL23_PYTHON)
  bl23_python_test(merge 600 io)
  bl23_slow_test(merge)
  bl23_python_test(partial 300 io release-only)
endif()
if(BL23_PYTHON AND BL23_MPI)
  bl23_python_test(ranks 600 mpi)
  bl23_slow_test(ranks)
  set(launcher "BL23_MPIRUN=${MPIEXEC_EXECUTABLE}" "BL23_SHIM=$<TARGET_FILE:fault_shim>")
  if(TARGET bl23_on_shim)
    list(APPEND launcher "BL23_ON_SHIM=$<TARGET_FILE:bl23_on_shim>")
  endif()
  set_tests_properties(ranks PROPERTIES ENVIRONMENT "${launcher}")
  set_tests_properties(slow_ranks PROPERTIES ENVIRONMENT "${launcher}")
  bl23_python_test(slurm 600 mpi)
  bl23_slow_test(slurm)
  set_tests_properties(slurm slow_slurm PROPERTIES ENVIRONMENT "${launcher}")
endif()
