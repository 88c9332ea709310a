#include "powers.h"

#include "base.h"
#include "numbers.h"

/* 2^exponent of a whole number from -1022 to 1023. */
static double power_of_two(int32_t exponent) {
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;
    __builtin_memcpy(&power, &bits, sizeof power);
    return power;
}

double er_exp2(double exponent) {
    /* log(2)^k / k!, the Taylor series of 2^x; at 1/2, the first term that is left out is below 2^-57. */
    static const double TERMS[] = {
        0x1.62e42fefa39efp-1, 0x1.ebfbdff82c58fp-3, 0x1.c6b08d704a0cp-5, 0x1.3b2ab6fba4e77p-7, 0x1.5d87fe78a6731p-10,
        0x1.430912f86c787p-13, 0x1.ffcbfc588b0c7p-17, 0x1.62c0223a5c824p-20, 0x1.b5253d395e7c4p-24,
        0x1.e4cf5158b8ecap-28, 0x1.e8cac7351bb25p-32, 0x1.c3bd650fc2986p-36, 0x1.816193166d0f9p-40,
    };
    enum { COUNT = sizeof TERMS / sizeof TERMS[0] };
    if (!(exponent > -1080)) {
        return exponent <= -1080 ? 0 : exponent;
    }
    if (exponent >= 1024) {
        return __builtin_inf();
    }
    double whole = er_rint(exponent), rest = exponent - whole, power = TERMS[COUNT - 1];
    for (int term = COUNT - 2; term >= 0; term--) {
        power = power * rest + TERMS[term];
    }
    /* In two steps, because a result may be too small, and half of its power of two too large, for normal numbers. */
    int32_t shift = (int32_t)whole, half = shift / 2;
    return (1 + power * rest) * power_of_two(half) * power_of_two(shift - half);
}

double er_pow(double base, uint32_t exponent) {
    double power = 1;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) {
            power *= base;
        }
        base *= base;
    }
    return power;
}
