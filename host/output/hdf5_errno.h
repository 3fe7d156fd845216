/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Why the HDF5 library failed. The library reports errno only in the text of its error stack, and
 * the next call clears the stack. So the first errno is kept while a file is read or written.
 * hdf5_library.c prepares this; hdf5_read.c and hdf5_write.c ask for it. */
#ifndef BL23_HOST_HDF5_ERRNO_H
#define BL23_HOST_HDF5_ERRNO_H

/* From here on keep the errno of failures, and print nothing. */
void bl23_h5_errno_prepare(void);

/* Forget it, when a file is opened or created. */
void bl23_h5_errno_clear(void);

/* The first errno since then; 0 if there was none. */
int bl23_h5_errno(void);

#endif
