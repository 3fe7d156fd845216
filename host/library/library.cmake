# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# libbl23, shared and static, its pkg-config file and its CMake package. All of them can be moved.
add_library(bl23_library OBJECT
  library/library.c
  library/library_points.c
  library/library_samples.c
  library/mass_cache.c)
target_compile_definitions(bl23_library PRIVATE _DEFAULT_SOURCE) # strsep
target_include_directories(bl23_library PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(bl23_library PRIVATE bl23_base)

add_library(bl23_shared SHARED $<TARGET_OBJECTS:bl23_library>)
target_link_libraries(bl23_shared PRIVATE bl23_base)
set_target_properties(bl23_shared PROPERTIES OUTPUT_NAME bl23 LINKER_LANGUAGE C
  VERSION ${PROJECT_VERSION} SOVERSION 0 LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux") # of GSL and jansson nothing is used
  target_link_options(bl23_shared PRIVATE LINKER:--as-needed LINKER:--exclude-libs,ALL)
endif()
install(TARGETS bl23_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES library/bl23.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# The static library is one object, in which all symbols but those of the interface are local: they
# cannot collide with those of a program. That needs objects of machine code, and GNU's tools.
set(static ${PROJECT_BINARY_DIR}/lib/libbl23.a)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_LINKER AND CMAKE_OBJCOPY AND CMAKE_AR
   AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION AND NOT CMAKE_C_FLAGS MATCHES "-flto")
  set(whole ${CMAKE_CURRENT_BINARY_DIR}/libbl23.o)
  add_custom_command(OUTPUT ${static}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${static}
    COMMAND ${CMAKE_LINKER} -r -o ${whole} $<TARGET_OBJECTS:bl23_library>
            $<TARGET_FILE:bl23_base> $<TARGET_FILE:bl23_tables> $<TARGET_FILE:bl23_kernels>
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${whole}
    COMMAND ${CMAKE_AR} rcs ${static} ${whole}
    DEPENDS bl23_library $<TARGET_OBJECTS:bl23_library> bl23_base bl23_tables bl23_kernels
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(bl23_static ALL DEPENDS ${static})
  install(FILES ${static} DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

set(pc_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
set(package_folder ${CMAKE_INSTALL_FULL_LIBDIR}/cmake/bl23)
file(RELATIVE_PATH pc_library ${pc_folder} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH pc_include ${pc_folder} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
file(RELATIVE_PATH package_library ${package_folder} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH package_include ${package_folder} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(library/bl23.pc.in bl23.pc @ONLY)
configure_file(library/bl23-config.cmake.in bl23-config.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/bl23-config-version.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bl23.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bl23-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/bl23-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bl23)
