/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_errno.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

static int first;

static herr_t find_errno(unsigned number, H5E_error2_t const *entry, void *unused)
{
    static char const name[] = "errno = ";
    char const *const at = entry->desc ? strstr(entry->desc, name) : NULL;
    (void)number;
    (void)unused;
    if (at && first == 0)
        first = atoi(at + sizeof name - 1);
    return 0;
}

static herr_t note_failure(hid_t stack, void *unused)
{
    (void)unused;
    return H5Ewalk2(stack, H5E_WALK_DOWNWARD, find_errno, NULL);
}

void bl23_h5_errno_prepare(void)
{
    H5Eset_auto2(H5E_DEFAULT, note_failure, NULL);
}

void bl23_h5_errno_clear(void)
{
    first = 0;
}

int bl23_h5_errno(void)
{
    return first;
}
