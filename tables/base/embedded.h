/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The files of tables/data/, built into the program so that it runs from anywhere. constraints.c
 * reads sets and curves with it, host/ the BibTeX. */
#ifndef BL23_TABLES_EMBEDDED_H
#define BL23_TABLES_EMBEDDED_H

#include <stddef.h>

#include "kernels/sample/status.h"

struct bl23_embedded_file {
    char const *name; /* without folder */
    unsigned char const *data;
    size_t size;
};

/* By name; NULL if there is none. */
struct bl23_embedded_file const *bl23_embedded_find(char const *name);

/* The same as text; the caller frees it. BL23_ERROR_CONFIG: there is none. */
enum bl23_status bl23_embedded_read(char const *name, char **text, size_t *length,
                                    struct bl23_error *error);

#endif
