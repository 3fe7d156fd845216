/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/process.h"

#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <float.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"

enum { MEMORY_BYTES = 1 << 25 };

/* A number from 0 to 2 that is closed would go to the next file that is opened, an output say, and
 * messages would be written into it. /dev/null for reading only takes its place: a result that goes
 * nowhere is an error as ever. */
static enum bl23_status fill_descriptors(struct bl23_error *error)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0)
            continue;
        if (open("/dev/null", O_RDONLY) != descriptor && open("/", O_RDONLY) != descriptor)
            return bl23_fail(error, BL23_ERROR_IO,
                             "descriptor %d is closed and cannot be opened (%s); start bl23 with "
                             "descriptors 0, 1 and 2 open",
                             descriptor, strerror(errno));
    }
    return BL23_OK;
}

/* The kernel looks at the limit when the stack grows, so that it can be raised until then. */
static enum bl23_status make_room_for_stack(struct bl23_error *error)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= BL23_STACK_BYTES)
        return BL23_OK;
    unsigned long long const found = limit.rlim_cur;
    limit.rlim_cur = BL23_STACK_BYTES;
    if (limit.rlim_max >= BL23_STACK_BYTES && setrlimit(RLIMIT_STACK, &limit) == 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY,
                     "the stack is limited to %llu KiB and bl23 needs %d KiB; raise the limit, by "
                     "'ulimit -s' in most shells",
                     found / 1024, BL23_STACK_BYTES / 1024);
}

/* The HDF5 library does not survive its own beginning without memory, and each command needs some:
 * with less than this it is better not to begin. */
static enum bl23_status check_memory(struct bl23_error *error)
{
    void *volatile const block = malloc(MEMORY_BYTES);
    free(block);
    if (block)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY,
                     "out of memory: bl23 needs %d MiB to begin with; free some, or raise the "
                     "limit, by 'ulimit -v' in most shells",
                     MEMORY_BYTES >> 20);
}

/* Variables of the HDF5 library that put another driver, connector or plugin between it and a file:
 * one of several files, say, of which the output would be an empty one. */
static void clear_environment(void)
{
    static char const *const names[] = {"HDF5_DRIVER", "HDF5_DRIVER_CONFIG", "HDF5_VOL_CONNECTOR",
                                        "HDF5_PLUGIN_PATH", "HDF5_PLUGIN_PRELOAD"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        unsetenv(names[k]);
}

enum bl23_status bl23_process_set_arithmetic(struct bl23_error *error)
{
    double volatile tiny = DBL_MIN, one = 1.0, small = DBL_EPSILON / 4.0;
    fesetenv(FE_DFL_ENV);
    bool const nearest = one + small == 1.0 && -one - small == -1.0;
    tiny /= 2.0;
    if (nearest && tiny > 0.0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "this machine %s, and that cannot be changed: the results would differ from "
                     "those of others",
                     nearest ? "replaces tiny numbers by 0" : "does not round to nearest");
}

enum bl23_status bl23_process_prepare(struct bl23_error *error)
{
    BL23_TRY(fill_descriptors(error));
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    clear_environment();
    BL23_TRY(make_room_for_stack(error));
    BL23_TRY(check_memory(error));
    return bl23_process_set_arithmetic(error);
}
