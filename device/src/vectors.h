/* Directions of texts, from the vectors of their windows in eight bits, and the cosines between them. */
#ifndef ER_VECTORS_H
#define ER_VECTORS_H

#include "query.h"

/* The mean direction of a text's windows. */
typedef struct er_direction {
    const float *whole;  /* [dimension] of unit length, if there are several windows; else NULL */
    const int8_t *codes; /* [dimension] of the only window */
    const int16_t *wide; /* [dimension] the same in 16 bits */
    float length;        /* theirs */
} er_direction;

float er_dot(const float *one, const float *other, uint32_t dimension);
float er_dot_codes(const float *one, const int8_t *codes, uint32_t dimension);

/* The length of each window's codes, into `lengths` `[windows]`; 1 of zeros, which have no direction. */
void er_window_lengths(const er_parts *parts, uint32_t dimension, float *lengths);

/* Add up the windows' unit vectors, into `sum` `[dimension]`; returns its length. */
float er_add_windows(const er_parts *parts, const float *lengths, uint32_t dimension, float *sum);

/* The direction of a text, in `row` `[dimension]`; that of the first window if their mean is zero. */
er_direction er_direction_of(const er_parts *parts, const float *lengths, uint32_t dimension, float *row);

/* The cosines of a direction and others, into `cosines` `[count]`. */
void er_cosines(const er_direction *one, const er_direction *others, uint32_t count, uint32_t dimension,
                float *cosines);

/* The cosine of a direction and a window. */
float er_window_cosine(const er_direction *one, const int8_t *codes, float length, uint32_t dimension);

#endif
