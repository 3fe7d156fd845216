/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The limits of control groups, read from made-up machines: version 1 and 2, nested groups, a
 * container that sees a part of the tree, and files that are missing or hold something else. */
#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/io/allotment.h"
#include "host/io/cgroup.h"

enum { PATH_SIZE = 512 };

/* A file of the made-up machine, and the folders above it. */
static void put(char const *root, char const *name, char const *text)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s%s", root, name);
    for (char *p = strchr(path + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        mkdir(path, 0777);
        *p = '/';
    }
    FILE *const f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int make_root(void **state)
{
    char *const root = strdup("bl23-test-XXXXXX"); /* in the folder of the build */
    *state = root;
    return root && mkdtemp(root) ? 0 : -1;
}

static int remove_one(char const *path, struct stat const *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static int remove_root(void **state)
{
    int const code = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return code;
}

static char const mounts_v2[] =
    "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 none rw\n";

static void expect(char const *root, double processors, double memory)
{
    struct bl23_cgroup_limits const found = bl23_cgroup_limits(root);
    assert_true(found.processors == processors);
    assert_true(found.memory_bytes == memory);
}

static void test_nothing(void **state)
{
    char const *const root = *state;
    expect(root, (double)INFINITY, (double)INFINITY);
    put(root, "/proc/self/cgroup", "nonsense\n0::/a\n:\n");
    put(root, "/proc/self/mountinfo", "nonsense\n - \n1 2 3 - cgroup2\n");
    expect(root, (double)INFINITY, (double)INFINITY);
}

/* The least limit on the way from the group to the mount holds; what is beside it does not. */
static void test_version_2(void **state)
{
    char const *const root = *state;
    put(root, "/proc/self/mountinfo", mounts_v2);
    put(root, "/proc/self/cgroup", "0::/batch/job 7/step\n");
    put(root, "/sys/fs/cgroup/batch/job 7/step/cpu.max", "max 100000\n");
    put(root, "/sys/fs/cgroup/batch/job 7/step/memory.max", "max\n");
    expect(root, (double)INFINITY, (double)INFINITY);
    put(root, "/sys/fs/cgroup/batch/job 7/cpu.max", "350000 100000\n");
    put(root, "/sys/fs/cgroup/batch/memory.max", "1073741824\n");
    put(root, "/sys/fs/cgroup/other/cpu.max", "100000 100000\n");
    expect(root, 3.5, 1073741824.0);
    put(root, "/sys/fs/cgroup/batch/job 7/step/memory.max", "4096\n");
    put(root, "/sys/fs/cgroup/cpu.max", "200000 100000\n");
    expect(root, 2.0, 4096.0);
    put(root, "/sys/fs/cgroup/cpu.max", "what\n");
    put(root, "/sys/fs/cgroup/batch/memory.max", "\n");
    expect(root, 3.5, 4096.0);
}

static void test_version_1(void **state)
{
    char const *const root = *state;
    put(root, "/proc/self/mountinfo",
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "35 31 0:32 / /sys/fs/cgroup/a\\040b rw - cgroup cgroup rw,memory\n"
        "36 31 0:33 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n");
    put(root, "/proc/self/cgroup",
        "5:memory:/slurm/uid_1/job_2\n4:cpuacct,cpu:/slurm/uid_1/job_2\n3:cpuset:/x\n0::/\n");
    put(root, "/sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/job_2/cpu.cfs_quota_us", "-1\n");
    put(root, "/sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/job_2/cpu.cfs_period_us", "100000\n");
    put(root, "/sys/fs/cgroup/a b/slurm/uid_1/job_2/memory.limit_in_bytes",
        "9223372036854771712\n");
    expect(root, (double)INFINITY, (double)INFINITY);
    put(root, "/sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us", "250000\n");
    put(root, "/sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us", "50000\n");
    put(root, "/sys/fs/cgroup/a b/slurm/memory.limit_in_bytes", "2000000000\n");
    expect(root, 5.0, 2e9);
}

/* A container may see its own group as the top, or groups of the machine under other names. */
static void test_container(void **state)
{
    char const *const root = *state;
    put(root, "/proc/self/mountinfo",
        "30 24 0:26 /docker/12ab /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
    put(root, "/proc/self/cgroup", "0::/docker/12ab/inner\n");
    put(root, "/sys/fs/cgroup/cpu.max", "150000 100000\n");
    put(root, "/sys/fs/cgroup/inner/memory.max", "5000\n");
    expect(root, 1.5, 5000.0);
    put(root, "/proc/self/cgroup", "0::/../../elsewhere\n");
    expect(root, 1.5, (double)INFINITY);
    put(root, "/proc/self/cgroup", "0::/\n");
    expect(root, 1.5, (double)INFINITY);
}

/* The least of all decides, and a part of a processor is one thread. */
static void test_allotment(void **state)
{
    char const *const root = *state;
    put(root, "/proc/self/mountinfo", mounts_v2);
    put(root, "/proc/self/cgroup", "0::/job\n");
    put(root, "/sys/fs/cgroup/job/cpu.max", "20000 100000\n");
    put(root, "/sys/fs/cgroup/job/memory.max", "1048576\n");
    struct bl23_allotment const found = bl23_allotment_below(root);
    assert_int_equal(found.threads, 1);
    assert_true(found.memory_bytes == 1048576.0);
    assert_string_equal(found.memory_by, "memory limit of the cgroup");
    put(root, "/sys/fs/cgroup/job/cpu.max", "99900000 100000\n");
    assert_true(bl23_allotment_below(root).threads <= 999);
    assert_string_not_equal(bl23_allotment_below(root).threads_by, "CPU quota of the cgroup");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_version_2, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_version_1, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_container, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_allotment, make_root, remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
