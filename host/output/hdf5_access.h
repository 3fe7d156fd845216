/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How the HDF5 library opens a file, and locks it. A file that bl23 writes has a temporary name and
 * needs no lock; one that it reads is locked where that is possible, because another program may be
 * writing it. */
#ifndef BL23_HOST_HDF5_ACCESS_H
#define BL23_HOST_HDF5_ACCESS_H

#include <hdf5.h>
#include <stdbool.h>

/* The variable of the environment by which a user switches locks off. */
#define BL23_H5_LOCKS "HDF5_USE_FILE_LOCKING"

/* Any other value of the variable would overrule bl23_h5_access: it is removed. Call it before any
 * other function of the library. */
void bl23_h5_access_prepare(void);

/* New properties of access, with locks or without; the caller closes them. */
hid_t bl23_h5_access(bool locks);

#endif
