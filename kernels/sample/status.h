/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The one list of errors of bl23, and the record in which a failure travels upwards.
 * Every room returns `enum bl23_status`; host/main.c turns it into the exit code.
 * It knows nothing of files, formats or printing. */
#ifndef BL23_STATUS_H
#define BL23_STATUS_H

/* name, exit code, what it means */
#define BL23_STATUS_LIST(X)                                                                        \
    X(OK, 0, "done")                                                                               \
    X(ERROR_FAILED, 1, "the computation failed")                                                   \
    X(ERROR_MEMORY, 1, "out of memory")                                                            \
    X(ERROR_IO, 1, "reading or writing failed")                                                    \
    X(ERROR_DEVICE, 1, "the device failed")                                                        \
    X(ERROR_USAGE, 2, "the command line is wrong")                                                 \
    X(ERROR_CONFIG, 2, "the configuration is wrong")                                               \
    X(ERROR_DOMAIN, 2, "a value lies outside the domain of the program")                           \
    X(ERROR_REFUSED, 2, "refused to touch what is there")                                          \
    X(INTERRUPTED, 3, "interrupted, and resumable")

enum bl23_status {
#define BL23_STATUS_ENUM(name, exit_code, text) BL23_##name,
    BL23_STATUS_LIST(BL23_STATUS_ENUM)
#undef BL23_STATUS_ENUM
};

enum { BL23_ERROR_TEXT_SIZE = 1024 };

/* The first error of a call chain: a status and one sentence for the user. */
struct bl23_error {
    enum bl23_status status;
    char text[BL23_ERROR_TEXT_SIZE];
};

/* Pass a failure on: return from the calling function with the status of expression, unless it is
 * BL23_OK. For functions that have nothing to clean up. */
#define BL23_TRY(expression)                                                                       \
    do {                                                                                           \
        enum bl23_status const bl23_tried = (expression);                                          \
        if (bl23_tried != BL23_OK)                                                                 \
            return bl23_tried;                                                                     \
    } while (0)

#endif
