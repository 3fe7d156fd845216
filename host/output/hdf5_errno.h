/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Why the HDF5 library failed: it tells errno in the words of its error stack only, and the stack
 * of one call is gone with the next. So the first errno is kept for as long as a file is read or
 * written. hdf5_library.c prepares it; hdf5_read.c, hdf5_verify.c, hdf5_write.c and survey_open.c
 * ask. */
#ifndef BL23_HOST_HDF5_ERRNO_H
#define BL23_HOST_HDF5_ERRNO_H

/* Note the errno of every failure from here on, and print nothing. */
void bl23_h5_errno_prepare(void);

/* A file is opened or created: forget what was. */
void bl23_h5_errno_clear(void);

/* The first errno since then; 0 if the library met none. */
int bl23_h5_errno(void);

#endif
