#include "functions.h"

#include "simd.h"

/* 2^(whole part) by the bits of a float's exponent, times a polynomial of e^rest for |rest| <= ln(2) / 2. */
static er_f4 exp4(er_f4 value) {
    const er_i4 is_least = value < -87.0f;
    value = er_min4(er_max4(value, er_all4(-87.0f)), er_all4(88.0f));
    const er_i4 whole = er_round4(value * 0x1.715476p0f); /* log2(e) */
    const er_f4 parts = __builtin_convertvector(whole, er_f4);
    /* ln(2) in two parts, the first of few bits, so that its product is exact. */
    const er_f4 rest = value - parts * 0x1.62e4p-1f - parts * 0x1.7f7d1cp-20f;
    er_f4 sum = er_all4(1.0f / 720);
    sum = sum * rest + 1.0f / 120;
    sum = sum * rest + 1.0f / 24;
    sum = sum * rest + 1.0f / 6;
    sum = sum * rest + 0.5f;
    sum = sum * rest * rest + rest + 1.0f;
    const er_f4 power = (er_f4)((whole + 127) << 23);
    return er_choose4(is_least, er_all4(0), sum * power);
}

float er_exp_f(float value) { return exp4(er_all4(value))[0]; }

float er_exp_all(float *values, uint32_t count) {
    er_f4 sum = er_all4(0);
    uint32_t at = 0;
    for (; at + 4 <= count; at += 4) {
        const er_f4 power = exp4(er_load4(values + at));
        er_store4(values + at, power);
        sum += power;
    }
    float total = er_sum4(sum);
    for (; at < count; at++) {
        values[at] = er_exp_f(values[at]);
        total += values[at];
    }
    return total;
}

/*
 * The error function as x P(x^2) / Q(x^2) up to 4, and as at 4 beyond. The coefficients are of least squares, weighed until
 * the error was even: 6e-8 in exact arithmetic.
 */
static er_f4 erf4(er_f4 value) {
    static const float above[] = {1.92168894e-08f, -1.9902989e-06f, 0.00015553589f, 0.0042930571f,
                                  0.052433535f,    0.21394508f,     1.1283786f};
    static const float below[] = {0.0010980353f, 0.015551122f, 0.12079979f, 0.52293158f, 1.0f};
    const er_f4 x = er_min4(er_max4(value, er_all4(-4)), er_all4(4));
    const er_f4 square = x * x;
    er_f4 numerator = er_all4(above[0]), denominator = er_all4(below[0]);
    for (uint32_t at = 1; at < sizeof above / sizeof *above; at++) {
        numerator = numerator * square + above[at];
    }
    for (uint32_t at = 1; at < sizeof below / sizeof *below; at++) {
        denominator = denominator * square + below[at];
    }
    return x * numerator / denominator;
}

static er_f4 gelu4(er_f4 value) {
    const er_f4 half = value * 0.5f;
    return half + half * erf4(value * 0x1.6a09e6p-1f); /* the root of a half */
}

void er_gelu(float *values, size_t count) {
    size_t at = 0;
    for (; at + 4 <= count; at += 4) {
        er_store4(values + at, gelu4(er_load4(values + at)));
    }
    for (; at < count; at++) {
        values[at] = gelu4(er_all4(values[at]))[0];
    }
}

void er_relu(float *values, size_t count) {
    for (size_t at = 0; at < count; at++) {
        values[at] = values[at] > 0 ? values[at] : 0;
    }
}

float er_dot_f(const float *one, const float *other, uint32_t count) {
    er_f4 first = er_all4(0), second = er_all4(0);
    uint32_t at = 0;
    for (; at + 8 <= count; at += 8) {
        first += er_load4(one + at) * er_load4(other + at);
        second += er_load4(one + at + 4) * er_load4(other + at + 4);
    }
    float sum = er_sum4(first + second);
    for (; at < count; at++) {
        sum += one[at] * other[at];
    }
    return sum;
}

static float sum_of(const float *values, uint32_t count) {
    er_f4 sum = er_all4(0);
    uint32_t at = 0;
    for (; at + 4 <= count; at += 4) {
        sum += er_load4(values + at);
    }
    float total = er_sum4(sum);
    for (; at < count; at++) {
        total += values[at];
    }
    return total;
}

void er_layer_norm(float *row, uint32_t count, const float *gamma, const float *beta, float epsilon) {
    const float mean = sum_of(row, count) / (float)count;
    for (uint32_t at = 0; at < count; at++) {
        row[at] -= mean;
    }
    const float variance = er_dot_f(row, row, count) / (float)count;
    const float factor = 1.0f / __builtin_sqrtf(variance + epsilon);
    for (uint32_t at = 0; at < count; at++) {
        row[at] = row[at] * factor * gamma[at] + beta[at];
    }
}

void er_normalize(float *vector, uint32_t count) {
    const float length = __builtin_sqrtf(er_dot_f(vector, vector, count));
    for (uint32_t at = 0; length > 0 && at < count; at++) {
        vector[at] /= length;
    }
}
