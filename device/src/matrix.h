/* A linear layer's matrix, prepared for products with many rows at once: codes are unpacked to floats on loading. */
#ifndef ER_MATRIX_H
#define ER_MATRIX_H

#include "graph.h"

typedef struct er_matrix {
    uint32_t inputs;
    uint32_t outputs;
    uint32_t panels; /* of 16 outputs, the last one filled up with zeros */
    float *numbers;  /* [panels][inputs][16 outputs] */
    float *bias;     /* [panels * 16], zeros where there is none */
} er_matrix;

/* Products of a matrix with rows: see er_multiply. */
typedef void er_kernel(const er_matrix *matrix, const float *rows, uint32_t count, float *products, bool adds);

/* The fastest that the processor has. */
er_kernel *er_fastest_kernel(void);

/*
 * Read the matrix of a name, `[inputs, outputs]`, its scales `name.s` and, if wanted, its bias `name.b`.
 *
 * Returns false, with an error, if a tensor is missing, of another shape or of a scheme that is not known.
 */
bool er_load_matrix(er_arena *arena, const er_graph *graph, const char *name, uint32_t inputs, uint32_t outputs,
                    bool has_bias, er_matrix *matrix, er_error *error);

/* Make a matrix of int8 codes `[inputs][outputs]`, times `scales` `[outputs]`, or 1 where they are NULL; without a bias. */
bool er_make_matrix(er_arena *arena, const int8_t *codes, uint32_t inputs, uint32_t outputs, const float *scales,
                    er_matrix *matrix, er_error *error);

/* A number of a matrix. */
float er_matrix_at(const er_matrix *matrix, uint32_t input, uint32_t output);

/*
 * Multiply rows `[count][inputs]` with a matrix, and add its bias: `products` is `[count][outputs]`. With `adds`, the products
 * are added to what is there instead of to the bias.
 */
static inline void er_multiply(er_kernel *kernel, const er_matrix *matrix, const float *rows, uint32_t count,
                               float *products, bool adds) {
    kernel(matrix, rows, count, products, adds);
}

#endif
