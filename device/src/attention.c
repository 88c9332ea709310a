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

/* A token's weights of all tokens: exponentials of its scores, and their sum. */
static float weigh(const er_attention *attention, const float *query, uint32_t count) {
    const uint32_t length = padded(count);
    for (uint32_t token = 0; token < length; token += 4) {
        er_f4 sum = er_all4(0);
        for (uint32_t at = 0; at < attention->size; at++) {
            sum += er_load4(attention->keys + (size_t)at * length + token) * query[at];
        }
        er_store4(attention->scores + token, sum);
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

static void mix(const er_attention *attention, const float *values, uint32_t count, uint32_t stride, float total,
                float *context) {
    const uint32_t size = attention->size;
    for (uint32_t at = 0; at < size; at++) {
        context[at] = 0;
    }
    for (uint32_t token = 0; token < count; token++) {
        const float weight = attention->scores[token] / total;
        const float *value = values + (size_t)token * stride;
        for (uint32_t at = 0; at < size; at++) {
            context[at] += weight * value[at];
        }
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
            mix(attention, queries + 2 * (size_t)width, count, stride, total, to);
        }
    }
}
