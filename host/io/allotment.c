/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/allotment.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/io/cgroup.h"
#include "host/io/system.h"
#include "kernels/lanes/parallel_for.h"

/* Processors of this process in a job of a batch system, which `job` shows. A variable that many
 * programs read, such as OMP_NUM_THREADS, is a wish and no allotment. */
static struct {
    char const *job, *processors;
} const batch_systems[] = {
    {"SLURM_JOB_ID", "SLURM_CPUS_PER_TASK"},
    {"SLURM_JOB_ID", "SLURM_CPUS_ON_NODE"},
    {"SGE_ROOT", "NSLOTS"},
    {"PBS_JOBID", "NCPUS"},
    {"LSB_JOBID", "LSB_DJOB_NUMPROC"},
};

/* The number in a variable of the environment; 0 where there is none. */
static double number_of(char const *name)
{
    char const *const text = getenv(name);
    char *end;
    double const value = text ? strtod(text, &end) : 0.0;
    return text && end != text && *end == '\0' && value > 0.0 ? value : 0.0;
}

static void limit_threads(struct bl23_allotment *a, double processors, char const *by)
{
    double const whole = ceil(processors);
    if (processors > 0.0 && whole < (double)a->threads) {
        a->threads = (unsigned)whole;
        a->threads_by = by;
    }
}

static void limit_memory(struct bl23_allotment *a, double bytes, char const *by)
{
    if (bytes > 0.0 && bytes < a->memory_bytes) {
        a->memory_bytes = bytes;
        a->memory_by = by;
    }
}

static void limit_by_resource(struct bl23_allotment *a, int resource, char const *by)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        limit_memory(a, (double)limit.rlim_cur, by);
}

/* Memory that Slurm has given to a node of the job, or with each processor. */
static void limit_by_slurm(struct bl23_allotment *a)
{
    double const mib = 0x1p20;
    double const on_node = number_of("SLURM_CPUS_ON_NODE");
    double const per_task = number_of("SLURM_CPUS_PER_TASK");
    if (!getenv("SLURM_JOB_ID"))
        return;
    limit_memory(a, mib * number_of("SLURM_MEM_PER_NODE"), "SLURM_MEM_PER_NODE");
    limit_memory(a, mib * number_of("SLURM_MEM_PER_CPU") * (on_node > 0.0 ? on_node : per_task),
                 "SLURM_MEM_PER_CPU");
}

struct bl23_allotment bl23_allotment_below(char const *root)
{
    struct bl23_allotment a = {.threads = BL23_THREADS_MAX,
                               .threads_by = "the most that bl23 starts",
                               .memory_bytes = (double)INFINITY,
                               .memory_by = "nothing limits it"};
    struct bl23_processor_set bound;
    struct bl23_cgroup_limits const group = bl23_cgroup_limits(root);
    limit_threads(&a, (double)bl23_processors(), "the processors of the machine");
    if (bl23_system_bound_to(&bound))
        limit_threads(&a, bl23_processor_set_count(&bound), "CPU affinity");
    if (!isinf(group.processors))
        limit_threads(&a, group.processors, "CPU quota of the cgroup");
    for (size_t k = 0; k < sizeof batch_systems / sizeof batch_systems[0]; k++)
        if (getenv(batch_systems[k].job))
            limit_threads(&a, number_of(batch_systems[k].processors), batch_systems[k].processors);
#ifdef _SC_PHYS_PAGES
    limit_memory(&a, (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE),
                 "the memory of the machine");
#endif
    limit_memory(&a, group.memory_bytes, "memory limit of the cgroup");
    limit_by_resource(&a, RLIMIT_AS, "ulimit -v");
    limit_by_resource(&a, RLIMIT_DATA, "ulimit -d");
    limit_by_slurm(&a);
    return a;
}

struct bl23_allotment bl23_allotment(void)
{
    return bl23_allotment_below("");
}
