/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What only some systems can tell or do, and what holds elsewhere. No other file of the program
 * uses a call or a file that is Linux's own, but cgroup.c. */
#ifndef BL23_HOST_SYSTEM_H
#define BL23_HOST_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Let the disk begin with what has been written, so that the final fsync has little left to do.
 * Only advice: elsewhere nothing happens. */
void bl23_system_send(int descriptor);

/* What the numbers of processes are unique in: the name of the process namespace into text, and its
 * length; elsewhere 0. */
size_t bl23_system_process_space(char *text, size_t size);

/* Has the process that did something at this time ended, although its number is in use? It is one
 * that nobody has waited for, or another process began with its number since. false where that is
 * unknown. */
bool bl23_system_has_ended(long process, time_t when);

/* The file of this program, which the caller frees; NULL with errno where that is unknown. */
char *bl23_system_program(void);

/* Is it a name of something that this process has open, as some shells pass a pipe? */
bool bl23_system_is_own(char const *path);

/* The name of the processor; "unknown" elsewhere. */
void bl23_system_processor_name(char *name, size_t size);

/* Processors, one bit each. */
enum { BL23_PROCESSORS_MAX = 8192 };
struct bl23_processor_set {
    unsigned char bits[BL23_PROCESSORS_MAX / 8];
};

/* The processors to which this process is bound; false where that is unknown. */
bool bl23_system_bound_to(struct bl23_processor_set *set);

unsigned bl23_processor_set_count(struct bl23_processor_set const *set);

#endif
