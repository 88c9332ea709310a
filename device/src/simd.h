/* Four floats, or eight 16-bit integers, at once: GCC's vector extensions, which WebAssembly, x86-64 and AArch64 share. */
#ifndef ER_SIMD_H
#define ER_SIMD_H

#include "base.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

typedef float er_f4 __attribute__((vector_size(16)));
typedef int32_t er_i4 __attribute__((vector_size(16)));
typedef int16_t er_s8 __attribute__((vector_size(16)));

static inline er_f4 er_load4(const float *from) {
    er_f4 value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void er_store4(float *to, er_f4 value) { memcpy(to, &value, sizeof value); }

static inline er_f4 er_all4(float value) { return (er_f4){value, value, value, value}; }

static inline er_s8 er_load8(const int16_t *from) {
    er_s8 value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* Two adjacent 16-bit integers, four times. */
static inline er_s8 er_all_pairs(const int16_t *from) {
    int32_t pair;
    memcpy(&pair, from, sizeof pair);
    return (er_s8)(er_i4){pair, pair, pair, pair};
}

/* The sums of the products of adjacent pairs. */
static inline er_i4 er_dot8(er_s8 one, er_s8 other) {
#if defined(__wasm_simd128__)
    return (er_i4)wasm_i32x4_dot_i16x8((v128_t)one, (v128_t)other);
#elif defined(__SSE2__)
    return (er_i4)_mm_madd_epi16((__m128i)one, (__m128i)other);
#elif defined(__ARM_NEON)
    int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)one), vget_low_s16((int16x8_t)other));
    int32x4_t high = vmull_high_s16((int16x8_t)one, (int16x8_t)other);
    return (er_i4)vpaddq_s32(low, high);
#else
    er_i4 sums;
    for (int at = 0; at < 4; at++) {
        sums[at] = one[2 * at] * other[2 * at] + one[2 * at + 1] * other[2 * at + 1];
    }
    return sums;
#endif
}

static inline er_f4 er_choose4(er_i4 mask, er_f4 yes, er_f4 no) {
    return (er_f4)((mask & (er_i4)yes) | (~mask & (er_i4)no));
}

static inline er_f4 er_max4(er_f4 one, er_f4 other) { return er_choose4(one > other, one, other); }

static inline er_f4 er_min4(er_f4 one, er_f4 other) { return er_choose4(one < other, one, other); }

static inline er_f4 er_abs4(er_f4 value) { return (er_f4)((er_i4)value & 0x7FFFFFFF); }

static inline float er_sum4(er_f4 value) { return (value[0] + value[2]) + (value[1] + value[3]); }

/* The nearest whole numbers, the even one of two, of numbers below 2^22. */
static inline er_i4 er_round4(er_f4 value) {
    const er_f4 shift = er_all4(0x1.8p23f);
    return (er_i4)(value + shift) - (er_i4)shift;
}

#endif
