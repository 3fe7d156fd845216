/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the instructions of PTX do (PTX ISA, chapter "Instruction Set"), for kernels that
 * ptx_translate.py has made C++ of: a function for each, of the instruction's name, on the threads
 * of tests/cuda_shim. Accesses that are not aligned, or leave the memory of a kernel, end the
 * program with kernel and line of the PTX.
 * It must not know what a kernel computes. */
#ifndef BL23_TESTS_PTX_MACHINE_H
#define BL23_TESTS_PTX_MACHINE_H

#include <cmath>
#include <cstdint>
#include <limits>

#include <cuda_runtime.h>

namespace ptx
{

using pred = bool;
using b8 = uint8_t;
using u8 = uint8_t;
using b16 = uint16_t;
using u16 = uint16_t;
using s16 = int16_t;
using b32 = uint32_t;
using u32 = uint32_t;
using s32 = int32_t;
using b64 = uint64_t;
using u64 = uint64_t;
using s64 = int64_t;
using f32 = float;
using f64 = double;

/* A kernel: what a launch must know of it. threads_max 0: no limit is declared. */
struct kernel {
    char const *name;
    size_t parameter_bytes;
    unsigned threads_max;
    void (*body)(void const *parameters);
};

/* Where in a PTX file; line 0: the launch. */
struct place {
    char const *kernel;
    int line;
};
[[noreturn]] void die(place where, char const *what, uint64_t value);

/* ---- registers ---- */

/* The bits of a register, or its lower part, as another type. */
template <class To, class From> inline To part(From from)
{
    static_assert(sizeof(To) <= sizeof(From), "the lower part of a register");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

/* What a register holds after a value of type Kind went into it: wider registers are extended. */
template <class Held, class Kind> inline Held whole(Kind value)
{
    if constexpr (sizeof(Held) > sizeof(Kind))
        return (Held)value;
    else
        return part<Held>(value);
}

/* What a register holds that nothing was written to. */
template <class T> inline T poison(unsigned number)
{
    if constexpr (std::numeric_limits<T>::is_integer && sizeof(T) > 1)
        return (T)(0xdeadbeefdeadbeefu + ((uint64_t)number << 4));
    else if constexpr (sizeof(T) > 1)
        return std::numeric_limits<T>::signaling_NaN();
    else
        return number % 2 != 0;
}

/* ---- memory ---- */

/* Parameters and shared memory are windows of addresses of their own; addresses of global memory
 * are the host's. */
enum : b32 { PARAM_BASE = 0x10000, SHARED_BASE = 0x20000 };
struct window {
    b32 base;
    size_t bytes;
    void *memory;
};
struct everywhere {
};

inline void check_aligned(place where, b64 address, unsigned bytes)
{
    if (address % bytes != 0)
        die(where, "an address that is not aligned", address);
}
inline char *located(place where, everywhere, b64 address, unsigned bytes)
{
    check_aligned(where, address, bytes);
    return reinterpret_cast<char *>(address);
}
inline char *located(place where, window const &space, b64 address, unsigned bytes)
{
    check_aligned(where, address, bytes);
    if (address < space.base || address - space.base + bytes > space.bytes)
        die(where, "an address outside of the memory of the kernel", address);
    return static_cast<char *>(space.memory) + (address - space.base);
}

template <class T> inline T load(char const *at)
{
    T value;
    memcpy(&value, at, sizeof value);
    return value;
}
template <class T> inline void store(char *at, T value)
{
    memcpy(at, &value, sizeof value);
}
template <class T> inline T atom_add(char *at, T n)
{
    T const before = load<T>(at);
    store<T>(at, before + n);
    return before;
}
template <class T> inline T atom_min(char *at, T n)
{
    T const before = load<T>(at);
    store<T>(at, n < before ? n : before);
    return before;
}

/* ---- integers ---- */

template <class T> inline T add(T a, T b)
{
    return (T)((u64)a + (u64)b);
}
template <class T> inline T sub(T a, T b)
{
    return (T)((u64)a - (u64)b);
}
template <class T> inline T mul_lo(T a, T b)
{
    return (T)((u64)a * (u64)b);
}
template <class T> inline T mad_lo(T a, T b, T c)
{
    return (T)((u64)a * (u64)b + (u64)c);
}
template <class T> inline u32 mul_hi(T a, T b)
{
    static_assert(sizeof(T) == 4, "of 32 bits");
    return (u32)((u64)a * b >> 32);
}
template <class T> struct twice;
template <> struct twice<u16> {
    using type = u32;
};
template <> struct twice<u32> {
    using type = u64;
};
template <> struct twice<s32> {
    using type = s64;
};
template <class T> inline typename twice<T>::type mul_wide(T a, T b)
{
    return (typename twice<T>::type)a * b;
}
/* By zero PTX leaves the result open. */
template <class T> inline T div(T a, T b)
{
    return b != 0 ? a / b : poison<T>(0);
}
template <class T> inline T rem(T a, T b)
{
    return b != 0 ? a % b : poison<T>(0);
}
template <class T> inline T and_(T a, T b)
{
    return a & b;
}
template <class T> inline T or_(T a, T b)
{
    return a | b;
}
template <class T> inline T xor_(T a, T b)
{
    return a ^ b;
}
template <class T> inline T not_(T a)
{
    if constexpr (sizeof(T) == 1)
        return !a;
    else
        return (T)~a;
}
/* Amounts of more bits than there are count as all of them. */
template <class T> inline T shl(T a, u32 n)
{
    return n < 8 * sizeof(T) ? (T)((u64)a << n) : 0;
}
template <class T> inline T shr(T a, u32 n)
{
    u32 const all = 8 * sizeof(T) - 1;
    return n <= all ? (T)(a >> n) : (T)(a >> all >> 1);
}
template <class T> inline u32 popc(T a)
{
    return (u32)__builtin_popcount(a);
}
template <class T> inline T brev(T a)
{
    T reversed = 0;
    for (unsigned bit = 0; bit < 32; bit++)
        reversed |= (a >> bit & 1u) << (31 - bit);
    return reversed;
}
/* How far the highest bit is from the top; all bits set where there is none. */
template <class T> inline u32 bfind_shiftamt(T a)
{
    return a != 0 ? (u32)__builtin_clz(a) : 0xffffffffu;
}
/* The lower `length` bits of a go into b, from bit `first`. */
template <class T> inline T bfi(T a, T b, u32 first, u32 length)
{
    u32 const from = first & 0xffu, n = length & 0xffu;
    T const field = shl<T>((T)(shl<T>(1, n) - 1u), from);
    return (shl<T>(a, from) & field) | (b & (T)~field);
}
template <class T> inline T selp(T a, T b, pred which)
{
    return which ? a : b;
}
template <class T> inline T mov(T a)
{
    return a;
}

/* ---- floating point ---- */

template <class T> inline T add_rn(T a, T b)
{
    return a + b;
}
template <class T> inline T sub_rn(T a, T b)
{
    return a - b;
}
template <class T> inline T mul_rn(T a, T b)
{
    return a * b;
}
template <class T> inline T div_rn(T a, T b)
{
    return a / b;
}
template <class T> inline T fma_rn(T a, T b, T c)
{
    return std::fma(a, b, c);
}
template <class T> inline T sqrt_rn(T a)
{
    return std::sqrt(a);
}
template <class T> inline T abs(T a)
{
    return std::fabs(a);
}
template <class T> inline T neg(T a)
{
    if constexpr (std::numeric_limits<T>::is_integer)
        return sub<T>(0, a);
    else
        return -a;
}
/* As wrong as cuda_device.h says that the device's may be. */
template <class T> inline T cos_approx(T a)
{
    return bl23_fast_cos(a);
}
template <class T> inline T lg2_approx(T a)
{
    return bl23_fast_log2(a);
}
template <class T> inline T rsqrt_approx(T a)
{
    return bl23_fast_rsqrt(a);
}
template <class T> inline T sqrt_approx_ftz(T a)
{
    bool const subnormal = std::fabs(a) < std::numeric_limits<T>::min();
    return bl23_fast_sqrt(subnormal ? std::copysign(T(0), a) : a);
}

/* Of a number and none the number; of zeros the negative one is less. */
template <class T> inline T min(T a, T b)
{
    if constexpr (!std::numeric_limits<T>::is_integer) {
        if (a != a || b != b)
            return a == a ? a : b;
        if (a == b)
            return std::signbit(a) ? a : b;
    }
    return a < b ? a : b;
}
template <class T> inline T max(T a, T b)
{
    if constexpr (!std::numeric_limits<T>::is_integer) {
        if (a != a || b != b)
            return a == a ? a : b;
        if (a == b)
            return std::signbit(a) ? b : a;
    }
    return a > b ? a : b;
}

/* ---- comparisons ---- */

template <class T> inline pred setp_eq(T a, T b)
{
    return a == b;
}
/* Of floating point: both are numbers, and differ. */
template <class T> inline pred setp_ne(T a, T b)
{
    return a < b || a > b;
}
template <class T> inline pred setp_lt(T a, T b)
{
    return a < b;
}
template <class T> inline pred setp_le(T a, T b)
{
    return a <= b;
}
template <class T> inline pred setp_gt(T a, T b)
{
    return a > b;
}
template <class T> inline pred setp_ge(T a, T b)
{
    return a >= b;
}
template <class T> inline pred setp_equ(T a, T b)
{
    return !(a < b || a > b);
}
template <class T> inline pred setp_neu(T a, T b)
{
    return a != b;
}
template <class T> inline pred setp_ltu(T a, T b)
{
    return !(a >= b);
}
template <class T> inline pred setp_leu(T a, T b)
{
    return !(a > b);
}
template <class T> inline pred setp_gtu(T a, T b)
{
    return !(a <= b);
}
template <class T> inline pred setp_geu(T a, T b)
{
    return !(a < b);
}

/* ---- conversions ---- */

template <class To, class From> inline To cvt(From a)
{
    return (To)a;
}
/* The host rounds to nearest, too. */
template <class To, class From> inline To cvt_rn(From a)
{
    return (To)a;
}
template <class To, class From> inline To cvt_rmi(From a)
{
    return std::floor(a);
}
/* Towards zero; what is too large gives the last integer, no number the lowest, or 0 if neither
 * type has 64 bits. */
template <class To, class From> inline To cvt_rzi(From a)
{
    using limits = std::numeric_limits<To>;
    From const low = (From)limits::min(); /* a power of two */
    if (sizeof(From) < 8 && sizeof(To) < 8 && a != a)
        return 0;
    if (!(a > low))
        return limits::min();
    return a >= -low ? limits::max() : (To)a;
}

/* ---- warps ---- */

enum { SHUFFLE_UP = 100, SHUFFLE_IDX }; /* beside the operations of the shim */

/* The shim waits for all lanes; no kernel asks for fewer. */
inline void check_mask(place where, u32 mask)
{
    if (mask != 0xffffffffu)
        die(where, "a warp function for some of the lanes", mask);
}
inline void bar_warp_sync(place where, u32 mask)
{
    check_mask(where, mask);
    __syncwarp();
}
inline b32 vote_sync_ballot(place where, pred set, u32 mask)
{
    check_mask(where, mask);
    return __ballot_sync(mask, set);
}
struct shuffled {
    b32 value;
    pred in_range;
};
inline shuffled shfl_sync_idx(place where, b32 value, u32 lane, u32 last, u32 mask)
{
    check_mask(where, mask);
    if (last != 31)
        die(where, "a shuffle within parts of the warp", last);
    return {(b32)shim_exchange(SHUFFLE_IDX, value)[lane % 32], true};
}
inline shuffled shfl_sync_up(place where, b32 value, u32 delta, u32 first, u32 mask)
{
    check_mask(where, mask);
    if (first != 0)
        die(where, "a shuffle within parts of the warp", first);
    u32 const lane = threadIdx.x % 32;
    uint64_t const *const values = shim_exchange(SHUFFLE_UP, value);
    bool const in_range = lane >= delta % 32;
    return {in_range ? (b32)values[lane - delta % 32] : value, in_range};
}

/* ---- launches ---- */

/* A launch of a kernel with one argument. */
void launch(kernel const &k, unsigned blocks, unsigned threads, void const *argument, size_t bytes);

/* The program ends where the memory that a kernel has left is not what it should be. */
void check_memory(kernel const &k, std::vector<char> const &expected,
                  std::vector<char> const &found);

} // namespace ptx

#endif
