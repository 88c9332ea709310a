#include "attention.h"

#include "functions.h"
#include "simd.h"

static uint32_t padded(uint32_t length) { return (length + 3) & ~(uint32_t)3; }

bool er_take_attention(er_arena *arena, uint32_t heads, uint32_t size, uint32_t max_length, er_attention *attention,
                       er_error *error) {
    *attention = (er_attention){.heads = heads, .size = size};
    attention->keys = er_take(arena, (size_t)size * padded(max_length), sizeof(float), error);
    attention->scores = er_take(arena, padded(max_length), sizeof(float), error);
    return attention->keys != NULL && attention->scores != NULL;
}

/* Keys with a column for each token, divided by the root of a head's size. */
static void turn_keys(const er_attention *attention, const float *keys, uint32_t count, uint32_t stride) {
    const float factor = 1.0f / __builtin_sqrtf((float)attention->size);
    const uint32_t length = padded(count);
    for (uint32_t at = 0; at < attention->size; at++) {
        float *column = attention->keys + (size_t)at * length;
        for (uint32_t token = 0; token < count; token++) {
            column[token] = keys[(size_t)token * stride + at] * factor;
        }
        for (uint32_t token = count; token < length; token++) {
            column[token] = 0;
        }
    }
}

/* Scores of `4 * vectors` tokens for a query: as many sums at once hide what an addition takes. */
static inline __attribute__((always_inline)) void score(const er_attention *attention, const float *query, uint32_t token,
                                                        uint32_t length, const uint32_t vectors) {
    const float *keys = attention->keys + token;
    er_f4 sums[4] = {er_all4(0), er_all4(0), er_all4(0), er_all4(0)};
    for (uint32_t at = 0; at < attention->size; at++, keys += length) {
        for (uint32_t one = 0; one < vectors; one++) {
            sums[one] += er_load4(keys + 4 * one) * query[at];
        }
    }
    for (uint32_t one = 0; one < vectors; one++) {
        er_store4(attention->scores + token + 4 * one, sums[one]);
    }
}

/* A token's weights of all tokens: exponentials of its scores, and their sum. */
static float weigh(const er_attention *attention, const float *query, uint32_t count) {
    const uint32_t length = padded(count);
    uint32_t next = 0;
    for (; next + 16 <= length; next += 16) {
        score(attention, query, next, length, 4);
    }
    for (; next < length; next += 4) {
        score(attention, query, next, length, 1);
    }
    float most = attention->scores[0];
    for (uint32_t token = 1; token < count; token++) {
        most = attention->scores[token] > most ? attention->scores[token] : most;
    }
    for (uint32_t token = 0; token < count; token++) {
        attention->scores[token] -= most;
    }
    return er_exp_all(attention->scores, count);
}

/* The mean of the values' columns from `first` on, `4 * vectors` of them, by the weights. */
static inline __attribute__((always_inline)) void mix(const er_attention *attention, const float *values, uint32_t count,
                                                      uint32_t stride, float factor, uint32_t first,
                                                      const uint32_t vectors, float *context) {
    er_f4 sums[4] = {er_all4(0), er_all4(0), er_all4(0), er_all4(0)};
    values += first;
    for (uint32_t token = 0; token < count; token++, values += stride) {
        const float weight = attention->scores[token] * factor;
        for (uint32_t one = 0; one < vectors; one++) {
            sums[one] += er_load4(values + 4 * one) * weight;
        }
    }
    for (uint32_t one = 0; one < vectors; one++) {
        er_store4(context + first + 4 * one, sums[one]);
    }
}

/* All columns; the last ones of a size that is no multiple of 4, one by one. */
static void mix_all(const er_attention *attention, const float *values, uint32_t count, uint32_t stride, float total,
                    float *context) {
    const float factor = 1.0f / total;
    uint32_t at = 0;
    for (; at + 16 <= attention->size; at += 16) {
        mix(attention, values, count, stride, factor, at, 4, context);
    }
    for (; at + 4 <= attention->size; at += 4) {
        mix(attention, values, count, stride, factor, at, 1, context);
    }
    for (; at < attention->size; at++) {
        float sum = 0;
        for (uint32_t token = 0; token < count; token++) {
            sum += attention->scores[token] * factor * values[(size_t)token * stride + at];
        }
        context[at] = sum;
    }
}

void er_attend(const er_attention *attention, const float *joint, uint32_t count, float *context) {
    const uint32_t width = attention->heads * attention->size, stride = 3 * width;
    for (uint32_t head = 0; head < attention->heads; head++) {
        const float *queries = joint + (size_t)head * attention->size;
        turn_keys(attention, queries + width, count, stride);
        for (uint32_t token = 0; token < count; token++) {
            const float total = weigh(attention, queries + (size_t)token * stride, count);
            float *to = context + (size_t)token * width + (size_t)head * attention->size;
            mix_all(attention, queries + 2 * (size_t)width, count, stride, total, to);
        }
    }
}
