/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* timed_run REPORT COMMAND...: runs a command, writes its wall time [s] and peak memory [KiB].
 * bench_runs.py starts everything through it: a process started by Python itself would inherit
 * Python's own peak memory. Exits with the command's status. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: timed_run REPORT COMMAND...\n");
        return 2;
    }
    double const start = now();
    pid_t const child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 1;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("timed_run");
        return 1;
    }
    double const wall = now() - start;
    FILE *const report = fopen(argv[1], "w");
    if (!report || fprintf(report, "%.6f %ld\n", wall, usage.ru_maxrss) < 0 || fclose(report)) {
        perror(argv[1]);
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
