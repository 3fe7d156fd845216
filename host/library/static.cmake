# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Static libraries in the place of the shared ones, where there are any: libbl23 and bl23 then need
# fewer of the machine's. They must be position independent, as those of Debian are.
foreach(pair IN ITEMS GSL::gsl/gsl GSL::gslcblas/gslcblas PkgConfig::YAML/yaml
                      PkgConfig::JANSSON/jansson PkgConfig::XXHASH/xxhash)
  string(REGEX MATCH "^(.*)/(.*)$" matched ${pair})
  set(target ${CMAKE_MATCH_1})
  set(name ${CMAKE_MATCH_2})
  find_library(BL23_STATIC_${name} NAMES ${CMAKE_STATIC_LIBRARY_PREFIX}${name}.a)
  mark_as_advanced(BL23_STATIC_${name})
  if(NOT BL23_STATIC_${name})
    message(STATUS "no static library of ${name} was found, so the shared one is linked")
  elseif(target MATCHES "^GSL")
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${BL23_STATIC_${name}})
  else()
    set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES ${BL23_STATIC_${name}})
  endif()
endforeach()
