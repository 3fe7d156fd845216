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

/* If descriptor 0, 1 or 2 is closed, the next file that is opened gets its number, and messages
 * would be written into it. So /dev/null is opened there, for reading only: writing a result to it
 * is still an error. */
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

/* The kernel checks the limit when the stack grows, so it can still be raised here. */
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
                     "the stack is limited to %llu KiB, but bl23 needs %d KiB; raise the limit "
                     "('ulimit -s' in most shells)",
                     found / 1024, BL23_STACK_BYTES / 1024);
}

/* Without memory the HDF5 library crashes when it starts, and every command needs some. With less
 * than this amount bl23 does not start. */
static enum bl23_status check_memory(struct bl23_error *error)
{
    void *volatile const block = malloc(MEMORY_BYTES);
    free(block);
    if (block)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY,
                     "out of memory: bl23 needs %d MiB to start; free memory, or raise the limit "
                     "('ulimit -v' in most shells)",
                     MEMORY_BYTES >> 20);
}

/* Remove variables that make the HDF5 library use another driver, connector or plugin: with some,
 * the output would be several files, or empty. */
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
                     "this process %s and bl23 cannot change that, so its results would differ "
                     "from those on other machines",
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
