/* Four numbers at once: GCC's vector extensions, which WebAssembly, x86-64 and AArch64 share. */
#ifndef ER_SIMD_H
#define ER_SIMD_H

#include "base.h"

typedef float er_f4 __attribute__((vector_size(16)));
typedef int32_t er_i4 __attribute__((vector_size(16)));

static inline er_f4 er_load4(const float *from) {
    er_f4 value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void er_store4(float *to, er_f4 value) { memcpy(to, &value, sizeof value); }

static inline er_f4 er_all4(float value) { return (er_f4){value, value, value, value}; }

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
