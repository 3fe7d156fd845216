/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Philox4x32-10: the known answers of Random123, an implementation of its own, and the words of a
 * sample. With `words SEED INDEX BLOCK ...` as arguments it prints words instead, for
 * check_curand.sh. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/philox.h"
#include "tests/check.h"

enum { RANDOM_COUNTERS = 200000, KNOWN_ANSWERS = 3 };

/* Written from the paper, section 3.2 and figure 3: high and low half of a product by division,
 * keys of the rounds beforehand. */
static void plain_philox(uint64_t const counter[4], uint64_t const key[2], uint64_t out[4])
{
    uint64_t const word = UINT64_C(1) << 32;
    uint64_t r[4] = {counter[0], counter[1], counter[2], counter[3]};
    for (uint64_t round = 0; round < 10; round++) {
        uint64_t const k0 = (key[0] + round * UINT64_C(2654435769)) % word;
        uint64_t const k1 = (key[1] + round * UINT64_C(3144134277)) % word;
        uint64_t const left = UINT64_C(3528531795) * r[0], right = UINT64_C(3449720151) * r[2];
        uint64_t const next[4] = {right / word ^ r[1] ^ k0, right % word, left / word ^ r[3] ^ k1,
                                  left % word};
        memcpy(r, next, sizeof r);
    }
    memcpy(out, r, sizeof r);
}

/* Any stream of different numbers will do: splitmix64. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void check_words(struct bl23_words found, uint64_t const expected[4], char const *what)
{
    for (int k = 0; k < 4; k++)
        check_that(found.x[k] == expected[k], "%s: word %d is %08" PRIx32 ", expected %08" PRIx64,
                   what, k, found.x[k], expected[k]);
}

/* philox4x32 10 counter[4] key[2] answer[4], as in Random123's kat_vectors. */
static void test_known_answers(void **state)
{
    (void)state;
    char line[512];
    int answers = 0;
    FILE *const f = fopen(BL23_DATA_DIR "/philox_kat.txt", "r");
    check_that(f != NULL, "%s/philox_kat.txt cannot be opened", BL23_DATA_DIR);
    while (fgets(line, sizeof line, f)) {
        uint64_t n[10];
        if (line[0] == '#')
            continue;
        int const fields =
            sscanf(line,
                   "philox4x32 10 %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
                   " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
                   &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9]);
        check_that(fields == 10, "line without ten numbers: %s", line);
        struct bl23_words const counter = {
            {(uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2], (uint32_t)n[3]}};
        uint64_t plain[4];
        check_words(bl23_philox(counter, (uint32_t)n[4], (uint32_t)n[5]), n + 6, line);
        plain_philox(n, n + 4, plain);
        for (int k = 0; k < 4; k++)
            check_that(plain[k] == n[6 + k], "the test's own Philox: %s", line);
        answers++;
    }
    fclose(f);
    check_that(answers == KNOWN_ANSWERS, "%d known answers read, expected %d", answers,
               KNOWN_ANSWERS);
}

static void test_sample_words(void **state)
{
    (void)state;
    uint64_t random = 20080997;
    for (int k = 0; k < RANDOM_COUNTERS; k++) {
        uint64_t const seed = next_random(&random) >> (k % 64);
        uint64_t const index = next_random(&random) >> (k / 64 % 64), block = (uint64_t)k % 3;
        uint64_t const word = UINT64_C(1) << 32;
        uint64_t const counter[4] = {block, 0, index % word, index / word};
        uint64_t const key[2] = {seed % word, seed / word};
        uint64_t expected[4];
        char what[128];
        plain_philox(counter, key, expected);
        snprintf(what, sizeof what, "seed %" PRIu64 ", sample %" PRIu64 ", block %" PRIu64, seed,
                 index, block);
        check_words(bl23_sample_words(seed, index, (uint32_t)block), expected, what);
    }
}

static int print_words(int argc, char **argv)
{
    for (int k = 2; k + 2 < argc; k += 3) {
        uint64_t const seed = strtoull(argv[k], NULL, 10), index = strtoull(argv[k + 1], NULL, 10);
        uint32_t const block = (uint32_t)strtoull(argv[k + 2], NULL, 10);
        struct bl23_words const w = bl23_sample_words(seed, index, block);
        printf("%s %s %s %08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %08" PRIx32 "\n", argv[k],
               argv[k + 1], argv[k + 2], w.x[0], w.x[1], w.x[2], w.x[3]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "words") == 0)
        return print_words(argc, argv);
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_known_answers),
                                       cmocka_unit_test(test_sample_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
