/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_access.h"

#include <stdlib.h>
#include <string.h>

void bl23_h5_access_prepare(void)
{
    char const *const locks = getenv(BL23_H5_LOCKS);
    if (locks && strcmp(locks, "FALSE") != 0 && strcmp(locks, "0") != 0)
        unsetenv(BL23_H5_LOCKS);
}

hid_t bl23_h5_access(bool locks)
{
    hid_t const access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0))
    H5Pset_file_locking(access, locks, true);
#else
    (void)locks; /* this version locks every file */
#endif
    return access;
}
