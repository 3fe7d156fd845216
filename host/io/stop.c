/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/stop.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

/* How people, terminals and batch systems ask a process to end before they kill it. */
static struct {
    int number;
    bool may_be_ignored; /* stays as whoever started bl23 has set it */
} const requests[] = {
    {SIGINT, false},  {SIGTERM, false}, {SIGUSR1, false}, /* Slurm --signal, SGE s_rt and -notify */
    {SIGUSR2, false},                                     /* SGE -notify, LSF at its run limit */
    {SIGXCPU, false}, /* SGE s_cpu and s_vmem, LSF at its CPU limit, ulimit -St */
    {SIGALRM, true},  /* a timer that was set before bl23 was started */
    {SIGHUP, true},   /* the terminal is lost; ignored under nohup */
};

/* SIGXCPU comes at the soft limit of processor time, SIGKILL at the hard one: where both are the
 * same, the soft one is lowered. */
static void come_before_the_kill(void)
{
    enum { LEAD_S = 60, SHARE = 4 }; /* what was begun ends within it, also on a slow machine */
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY ||
        limit.rlim_cur < limit.rlim_max)
        return;
    rlim_t const share = limit.rlim_max / SHARE;
    limit.rlim_cur -= share < LEAD_S ? share : LEAD_S;
    setrlimit(RLIMIT_CPU, &limit);
}

void bl23_stop_catch_signals(void)
{
    /* What a call on a slow file system has begun goes on. */
    struct sigaction const action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
    sigset_t stopping; /* whoever started bl23 may have blocked them */
    sigemptyset(&stopping);
    for (size_t k = 0; k < sizeof requests / sizeof requests[0]; k++) {
        struct sigaction inherited;
        bool const set = sigaction(requests[k].number, NULL, &inherited) == 0 &&
                         (!requests[k].may_be_ignored || inherited.sa_handler == SIG_DFL);
        if (set)
            sigaction(requests[k].number, &action, NULL);
        sigaddset(&stopping, requests[k].number);
    }
    pthread_sigmask(SIG_UNBLOCK, &stopping, NULL);
    come_before_the_kill();
}

bool bl23_stop_requested(void)
{
    return stop_requested != 0;
}
