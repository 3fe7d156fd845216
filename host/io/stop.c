/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

void bl23_stop_catch_signals(void)
{
    struct sigaction action = {.sa_handler = request_stop};
    sigemptyset(&action.sa_mask);
    sigset_t stopping; /* whoever started bl23 may have blocked them */
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGUSR1);
    sigaddset(&stopping, SIGHUP);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    struct sigaction terminal_lost;
    if (sigaction(SIGHUP, NULL, &terminal_lost) == 0 && terminal_lost.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL); /* under nohup it stays ignored */
    pthread_sigmask(SIG_UNBLOCK, &stopping, NULL);
}

bool bl23_stop_requested(void)
{
    return stop_requested != 0;
}
