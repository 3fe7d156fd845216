/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The words of cuRAND's device generator, its own header compiled for the host: block b of sample i
 * of a seed is curand4 after curand_init(seed, i, 4 b). Arguments and output are those of
 * `test_philox words`; check_curand.sh builds it with nvcc or with the host's compiler and
 * compares. */
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef __CUDACC__
#define QUALIFIERS static inline __host__ __device__
#else
#define QUALIFIERS static inline
#include <cuda_runtime.h>
#define __umulhi(a, b) static_cast<unsigned int>((1ull * (a) * (b)) >> 32)
#endif
#include <curand_kernel.h>

int main(int argc, char **argv)
{
    for (int k = 2; k + 2 < argc; k += 3) {
        unsigned long long const seed = std::strtoull(argv[k], nullptr, 10);
        unsigned long long const index = std::strtoull(argv[k + 1], nullptr, 10);
        unsigned long long const block = std::strtoull(argv[k + 2], nullptr, 10);
        curandStatePhilox4_32_10_t state;
        curand_init(seed, index, 4 * block, &state);
        uint4 const w = curand4(&state);
        std::printf("%s %s %s %08x %08x %08x %08x\n", argv[k], argv[k + 1], argv[k + 2], w.x, w.y,
                    w.z, w.w);
    }
    return 0;
}
