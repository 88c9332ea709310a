/* What a transformer computes number by number. */
#ifndef ER_FUNCTIONS_H
#define ER_FUNCTIONS_H

#include "base.h"

/* GELU in place, by the error function; within 4e-7 of it. */
void er_gelu(float *values, size_t count);

void er_relu(float *values, size_t count);

float er_exp_f(float value);

/* Exponentials in place, and their sum. Values are below 88; those below -87 become 0. */
float er_exp_all(float *values, uint32_t count);

/* Layer norm of a row in place: gamma and beta are `[count]`. */
void er_layer_norm(float *row, uint32_t count, const float *gamma, const float *beta, float epsilon);

float er_dot_f(const float *one, const float *other, uint32_t count);

/* Divide a vector by its length; one of length 0 stays. */
void er_normalize(float *vector, uint32_t count);

#endif
