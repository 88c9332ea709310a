#include "features.h"

uint32_t er_write_terms(uint32_t windows, const er_terms *terms, uint32_t dimension, er_features *features) {
    uint8_t *bytes = (uint8_t *)features;
    bytes[0] = (uint8_t)windows;
    bytes[1] = (uint8_t)terms->count;
    bytes[2] = (uint8_t)terms->repetition;
    bytes[3] = 0;
    uint8_t *to = bytes + 4 + (size_t)windows * dimension;
    for (uint32_t word = 0; word < terms->count; word++) {
        *to++ = (uint8_t)terms->hashes[word];
        *to++ = (uint8_t)(terms->hashes[word] >> 8);
    }
    memcpy(to, terms->rarities, terms->count);
    return (uint32_t)er_features_bytes(windows, terms->count, dimension);
}

/* The nearest whole number, the even one of two; 0 of what is none. */
static int8_t code_of(float value) {
    if (!(value >= -127.5f && value <= 127.5f)) {
        return 0;
    }
    const float shifted = value + 0x1.8p23f;
    int32_t bits, zero;
    const float shift = 0x1.8p23f;
    memcpy(&bits, &shifted, 4);
    memcpy(&zero, &shift, 4);
    return (int8_t)(bits - zero);
}

void er_write_window(const float *vector, uint32_t window, uint32_t dimension, er_features *features) {
    int8_t *codes = (int8_t *)features + 4 + (size_t)window * dimension;
    float largest = 0;
    for (uint32_t at = 0; at < dimension; at++) {
        const float size = vector[at] < 0 ? -vector[at] : vector[at];
        largest = size > largest ? size : largest;
    }
    const float scale = 127.0f / largest;
    for (uint32_t at = 0; at < dimension; at++) {
        codes[at] = code_of(vector[at] * scale);
    }
}

static bool has_length(const int8_t *codes, uint32_t dimension) {
    for (uint32_t at = 0; at < dimension; at++) {
        if (codes[at] != 0) {
            return true;
        }
    }
    return false;
}

bool er_features_fit(const void *bytes, size_t size, uint32_t dimension) {
    const uint8_t *head = bytes;
    if (size < 4 || head[0] < 1 || head[0] > 64 || head[3] != 0 ||
        size != er_features_bytes(head[0], head[1], dimension)) {
        return false;
    }
    const er_parts parts = er_parts_of(bytes, dimension);
    for (uint32_t window = 0; window < parts.windows; window++) {
        if (!has_length(parts.codes + (size_t)window * dimension, dimension)) {
            return false;
        }
    }
    return true;
}
