/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: any bytes as the answers in a file of certificates, which begin with the name
 * "masses"; heading, configuration and checksum fit. Answers that are accepted must be numbers in
 * their ranges, with lower <= upper. */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/bound/bound_file.h"
#include "host/io/file_io.h"

/* Rounding that an answer and its witness may differ by (docs/bound.md). */
static double const rounding = 1e-9, norm_error = 1e-11, pi = 3.14159265358979323846;

static char head[1 << 14], path[4096];
static size_t checksum_at;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void remove_file(void)
{
    unlink(path);
}

static void write_file(uint8_t const *data, size_t size)
{
    size_t const begin = strlen(head), all = begin + size;
    char *const text = malloc(all + 1);
    char digits[17];
    FILE *const file = fopen(path, "wb");
    require(text && file);
    memcpy(text, head, begin);
    memcpy(text + begin, data, size);
    snprintf(digits, sizeof digits, "%016" PRIx64, bl23_checksum(text, all));
    memcpy(text + checksum_at, digits, 16);
    require(fwrite(text, 1, all, file) == all && fclose(file) == 0);
    free(text);
}

/* What stands before "masses" in the genuine file, which is read back: the seeds begin there. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char const checksum_name[] = "\"checksum\": \"";
    struct bl23_config *config;
    struct bl23_bound_run run;
    struct bl23_error error = {BL23_OK, ""};
    char const *const folder = getenv("TMPDIR");
    char *text;
    size_t size;
    (void)argc;
    (void)argv;
    snprintf(path, sizeof path, "%s/fuzz_bound_%ld.json", folder ? folder : ".", (long)getpid());
    atexit(remove_file);
    require(bl23_config_load(BL23_FUZZ_SURVEY, &config, &error) == BL23_OK);
    require(bl23_bound_run_open(config, &run, &error) == BL23_OK);
    require(bl23_bound_run_ask(&run, &error) == BL23_OK);
    require(bl23_bound_file_write(&run, path, &error) == BL23_OK);
    bl23_bound_run_close(&run);
    require(bl23_file_read(path, SIZE_MAX, &text, &size, &error) == BL23_OK);
    char const *const masses = strstr(text, " \"masses\""), *const sum =
                                                                strstr(text, checksum_name);
    require(masses && sum && (size_t)(masses - text) < sizeof head);
    memcpy(head, text, (size_t)(masses - text));
    checksum_at = (size_t)(sum - text) + strlen(checksum_name);
    memset(head + checksum_at, '0', 16);
    write_file((uint8_t const *)masses, strlen(masses));
    require(bl23_bound_file_read(path, &run, &error) == BL23_OK);
    bl23_bound_run_close(&run);
    free(text);
    return 0;
}

/* Where the number-th number of the text begins, or none does: its end. */
static char const *find_number(char const *text, unsigned number)
{
    unsigned n = 0;
    for (char const *at = text; *at; at++)
        if (*at == ' ' && strchr("-0123456789", at[1]) && at[1] && n++ == number)
            return at + 1;
    return n > 0 ? find_number(text, number % n) : text + strlen(text);
}

/* A number that is close to another, or in none of the ranges. */
static double other_number(double x, unsigned choice)
{
    double const others[] = {
        x * (1.0 + 1e-9), x * (1.0 - 1e-9), x * 1.1, x / 1.1, x * 2.0, -x,  x + 2.0 * pi,
        x - 2.0 * pi,     x + 1.0,          0.0,     -0.0,    1e300,   11.0};
    return others[choice % (sizeof others / sizeof *others)];
}

/* Text stays JSON for the most part when a number takes the place of a number. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    char number[40], *end;
    if (seed % 4 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    char *const text = malloc(size + 1);
    require(text);
    memcpy(text, data, size);
    text[size] = '\0';
    char const *const at = find_number(text, seed / 64);
    double const x = other_number(strtod(at, &end), seed / 4 % 16);
    size_t const length = (size_t)snprintf(number, sizeof number, "%.17e", x);
    size_t const begin = (size_t)(at - text), tail = strlen(end);
    size_t const all = begin + length + tail;
    if (all <= max_size) {
        memcpy(data + begin, number, length);
        memcpy(data + begin + length, end, tail);
    }
    free(text);
    return all <= max_size ? all : size;
}

static void check_row(struct bl23_bound_answer const *a)
{
    double norm = 0.0;
    for (int i = 0; i < 3; i++) {
        require(a->modulus[i] >= 0.0 && a->phase[i] > -pi - rounding && a->phase[i] <= pi);
        norm += a->modulus[i] * a->modulus[i];
    }
    require(fabs(norm - 1.0) <= norm_error && a->g > 0.0);
}

static void check_answer(struct bl23_bound_answer const *a)
{
    require(isfinite(a->lower) && a->lower >= 0.0);
    require(a->lower <= a->upper * (1.0 + rounding));
    if (isfinite(a->upper))
        check_row(a);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct bl23_bound_run run;
    struct bl23_error error = {BL23_OK, ""};
    write_file(data, size);
    enum bl23_status status = bl23_bound_file_read(path, &run, &error);
    if (status == BL23_OK)
        status = bl23_bound_run_verify(&run, &error);
    require(status == error.status);
    for (size_t k = 0; status == BL23_OK && k < run.of.config->n_masses; k++)
        for (int q = 0; q < BL23_BOUND_QUESTIONS; q++)
            if (run.knot[k].asked[q])
                check_answer(&run.knot[k].answer[q]);
    if (run.of.config)
        bl23_bound_run_close(&run);
    return 0;
}
