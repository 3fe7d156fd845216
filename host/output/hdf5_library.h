/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The HDF5 library as a whole: main() prepares it, `bl23 info` prints its version. It does not
 * include hdf5.h, which only host/output may. */
#ifndef BL23_HOST_HDF5_LIBRARY_H
#define BL23_HOST_HDF5_LIBRARY_H

/* Let the library print nothing, and do nothing when the process ends. Call it before any other
 * function of the library. */
void bl23_h5_prepare(void);

/* Its name and version. */
char const *bl23_h5_version(void);

#endif
