/* Features of a text: written, and checked where they come from outside. */
#ifndef ER_FEATURES_H
#define ER_FEATURES_H

#include "query.h"

/* Bytes of features. */
static inline size_t er_features_bytes(uint32_t windows, uint32_t words, uint32_t dimension) {
    return 4 + (size_t)windows * dimension + (size_t)3 * words;
}

/* Write all but the vectors; returns the bytes that the features take. */
uint32_t er_write_terms(uint32_t windows, const er_terms *terms, uint32_t dimension, er_features *features);

/* Write a window's vector in eight bits: its largest number becomes 127 or -127. */
void er_write_window(const float *vector, uint32_t window, uint32_t dimension, er_features *features);

/* Whether bytes are features of vectors of that dimension: their parts fill them, and no window is all zeros. */
bool er_features_fit(const void *bytes, size_t size, uint32_t dimension);

#endif
