/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Signals that ask for a stop: each is heard, and what a call has begun goes on. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/io/stop.h"

static int ends[2];
static pthread_t reader;

static void pause_ms(long ms)
{
    struct timespec const t = {.tv_nsec = ms * 1000000};
    nanosleep(&t, NULL);
}

/* The signal comes while the other thread waits for a byte, which comes after it. */
static void *disturb(void *unused)
{
    (void)unused;
    pause_ms(50);
    pthread_kill(reader, SIGUSR2);
    pause_ms(50);
    (void)!write(ends[1], "x", 1);
    return NULL;
}

static void test_call_goes_on(void **state)
{
    (void)state;
    pthread_t other;
    char byte = 0;
    assert_false(bl23_stop_requested());
    bl23_stop_catch_signals();
    reader = pthread_self();
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&other, NULL, disturb, NULL), 0);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_true(bl23_stop_requested());
    pthread_join(other, NULL);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_call_goes_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
