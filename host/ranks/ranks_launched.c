/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>

#include "host/ranks/ranks.h"

/* Open MPI; MPICH, Intel MPI and srun --mpi=pmi2; MVAPICH; any step of Slurm. Not SLURM_NTASKS,
 * which a batch script has, too: it is one process. */
static char const *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE",
                                    "SLURM_STEP_NUM_TASKS"};

bool bl23_ranks_launched(void)
{
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        char const *const size = getenv(sizes[k]);
        if (size && strtol(size, NULL, 10) > 1)
            return true;
    }
    return false;
}
