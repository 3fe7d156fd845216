/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* PTX on the host: what instructions do at their edges, against answers by hand out of the PTX ISA
 * (tests/ptx/known_answers.ptx has the kernels), and that what no device would do ends the program.
 */
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/ptx/ptx_machine.h"

extern "C" {
#include <cmocka.h>
}

extern ptx::kernel const ptx_answers, ptx_misaligned, ptx_outside_shared, ptx_outside_parameters,
    ptx_some_lanes, ptx_different_ways, ptx_missing_lane;

namespace
{

enum { LANES = 32, OUT_BYTES = 512 };

struct answer {
    char const *what;
    int at, bytes;
    uint64_t bits;
};
answer const answers[] = {
    {"shl by 32", 0, 4, 0},
    {"shr.s32 by 40", 4, 4, 0xffffffff},
    {"shr.u32 by 31", 8, 4, 1},
    {"shr.s32 by 31", 12, 4, 0xffffffff},
    {"shr.s64 by 29", 496, 8, 0xfffffffc00000000},
    {"popc", 16, 4, 2},
    {"brev", 20, 4, 0xa0000000},
    {"bfind.shiftamt", 24, 4, 23},
    {"bfind.shiftamt of 0", 28, 4, 0xffffffff},
    {"bfi", 32, 4, 0xffffffff},
    {"bfi beyond the top", 36, 4, 0x0fffffff},
    {"mul.hi", 40, 4, 0x40000001},
    {"mul.lo", 44, 4, 0x80000003},
    {"mul.wide.s32", 48, 8, 0xffffffff00000002},
    {"mul.wide.u32", 56, 8, 0x100000002},
    {"mad.lo", 64, 4, 9},
    {"add beyond the top", 68, 4, 2},
    {"mul.lo.s16", 72, 4, 0xfda8},
    {"mul.wide.u16", 76, 4, 0x1fffc},
    {"cvt.s64.s32", 80, 8, 0xffffffff80000001},
    {"cvt.u64.u32", 88, 8, 0x80000001},
    {"cvt.s64.s32 of a lower half", 96, 8, 1},
    {"ld.shared.u16 is extended by zeros", 104, 4, 1},
    {"shared memory that nothing was written to", 108, 4, 0xffff},
    {"cvt.rzi.s32 of 2^31", 112, 4, 0x7fffffff},
    {"cvt.rzi.s32 of no number", 116, 4, 0x80000000},
    {"cvt.rzi.s32 of -1.99", 120, 4, 0xffffffff},
    {"cvt.rzi.s32 of -2^32", 124, 4, 0x80000000},
    {"cvt.rzi.s64 of 2^63", 128, 8, 0x7fffffffffffffff},
    {"cvt.rzi.s64 of no number", 136, 8, 0x8000000000000000},
    {"cvt.rmi of -1/2", 144, 8, 0xbff0000000000000},
    {"cvt.rn.f32.u32 of a tie", 152, 4, 0x4b800000},
    {"cvt.rn.f32.u32 of the next tie", 156, 4, 0x4b800002},
    {"min of 0 and -0", 160, 8, 0x8000000000000000},
    {"max of -0 and 0", 168, 8, 0},
    {"max of no number and 2^31", 176, 8, 0x41e0000000000000},
    {"min of 2^31 and no number", 184, 8, 0x41e0000000000000},
    {"min.u32", 192, 4, 7},
    {"max.u32", 196, 4, 0x80000001},
    {"max.f32 of no number and -1", 200, 4, 0xbf800000},
    {"comparisons with no number", 204, 4, 2 + 8 + 16 + 32},
    {"setp.lt.s32, setp.lt.u32, a predicated mov", 208, 4, 1},
    {"not.pred", 212, 4, 0},
    {"fma.rn", 216, 8, 0x3970000000000000},
    {"mul.rn, add.rn", 224, 8, 0},
    {"sqrt.rn", 232, 8, 0x3ff6a09e667f3bcd},
    {"sqrt.approx.ftz of a subnormal number", 240, 4, 0},
    {"rsqrt.approx of 0", 312, 4, 0x7f800000},
    {"cvt.rn.f32.s32 of a tie", 316, 4, 0xcb800000},
    {"neg of 0", 244, 4, 1},
    {"neg.s64", 320, 8, 0xffffffffffffffff},
    {"selp.u64", 328, 8, 0xfffffffffffffffe},
    {"atom.add of all lanes", 248, 4, 31 * 16},
    {"atom.min of all lanes", 504, 8, 0xffffffffffffffff - 31},
    {"shfl.up, lane 5", 252, 4, 3},
    {"shfl.up, lane 5 is in range", 256, 4, 1},
    {"shfl.up, lane 0", 260, 4, 0},
    {"shfl.up, lane 0 is not in range", 264, 4, 0},
    {"shfl.idx", 268, 4, 31},
    {"vote.ballot", 272, 4, 0xffff0000},
    {"a register that nothing was written to", 276, 4, 0xdeadbeef + (40 << 4)},
    {"ld.shared.u8, shl.b16, setp.eq.b16", 288, 4, 1},
    {"st.shared.v2.u8", 292, 4, 0xfffe},
    {"cvt.rzi.s32.f32 of no number", 296, 4, 0},
    {"cvt.rzi.s32.f32 of 2^31", 300, 4, 0x7fffffff},
    {"cvt.rn.f32.f64 of a tie", 304, 4, 0x3f800000},
    {"cvt.rn.f32.f64 of the next tie", 308, 4, 0x3f800002},
    {"ld.v2 into its own address", 280, 8, 0xffffffff00000002 + 0x100000002},
};

/* A block of one warp; its argument is the address of `out`. */
void run(ptx::kernel const &kernel, unsigned char *out)
{
    ptx::launch(kernel, 1, LANES, &out, sizeof out);
}

void test_answers(void **)
{
    alignas(16) unsigned char out[OUT_BYTES] = {0};
    memset(out + 504, 0xff, 8); /* of atom.min */
    run(ptx_answers, out);
    for (answer const &a : answers) {
        uint64_t found = 0;
        memcpy(&found, out + a.at, (size_t)a.bytes);
        if (found != a.bits)
            fail_msg("%s: 0x%llx, not 0x%llx", a.what, (unsigned long long)found,
                     (unsigned long long)a.bits);
    }
}

/* What a process says that launches a kernel, and whether it was aborted. */
bool dies(ptx::kernel const &kernel, unsigned threads, char *said, size_t bytes)
{
    int pipes[2], status = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t const child = fork();
    if (child == 0) {
        alignas(16) unsigned char out[OUT_BYTES] = {0}, *const argument = out;
        dup2(pipes[1], STDERR_FILENO);
        ptx::launch(kernel, 1, threads, &argument, sizeof argument);
        _exit(0);
    }
    close(pipes[1]);
    size_t used = 0;
    for (ssize_t n = 1; n > 0; used += (size_t)(n > 0 ? n : 0))
        n = read(pipes[0], said + used, bytes - 1 - used);
    said[used] = '\0';
    close(pipes[0]);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

void test_deaths(void **)
{
    struct {
        ptx::kernel const &kernel;
        unsigned threads;
        char const *why;
    } const cases[] = {
        {ptx_misaligned, LANES, "misaligned, line 250 of its PTX, block 0"},
        {ptx_misaligned, LANES, "an address that is not aligned"},
        {ptx_outside_shared, LANES, "an address outside of the memory"},
        {ptx_outside_parameters, LANES, "an address outside of the memory"},
        {ptx_some_lanes, LANES, "a warp function for some of the lanes (0xffff)"},
        {ptx_different_ways, LANES, "gone different ways"},
        {ptx_missing_lane, LANES, "waits for others that never come"},
        {ptx_answers, 2 * LANES, "more threads than the kernel declares"},
    };
    for (auto const &c : cases) {
        char said[1024];
        bool const died = dies(c.kernel, c.threads, said, sizeof said);
        if (!died || !strstr(said, c.why))
            fail_msg("%s: %s, and said: %s", c.kernel.name, died ? "died" : "lives", said);
    }
}

} // namespace

int main()
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_deaths)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
