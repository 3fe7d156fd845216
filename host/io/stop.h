/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Signals that ask a survey to stop. survey_loop.c, merge.c and cmd_check.c look at them between
 * two steps. */
#ifndef BL23_HOST_STOP_H
#define BL23_HOST_STOP_H

#include <stdbool.h>

/* From here on SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU and, where nobody ignores or handles
 * them, SIGHUP and SIGALRM ask for a stop instead of ending the process. Where the limit of
 * processor time would kill it without SIGXCPU, that comes a minute (or a quarter of the limit)
 * before. */
void bl23_stop_catch_signals(void);

bool bl23_stop_requested(void);

#endif
