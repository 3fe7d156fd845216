/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_library.h"

#include <hdf5.h>

#include "host/output/hdf5_access.h"
#include "host/output/hdf5_errno.h"
#include "host/output/points_file.h"

void bl23_h5_prepare(void)
{
    bl23_h5_access_prepare();
    H5dont_atexit(); /* after a failed write the library's own clean-up would crash */
    bl23_h5_errno_prepare();
    bl23_points_input_take_reader(&bl23_points_hdf5);
}

char const *bl23_h5_version(void)
{
    return H5_VERS_INFO;
}
