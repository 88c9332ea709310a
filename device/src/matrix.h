/*
 * A linear layer's matrix, prepared for products with many rows at once.
 *
 * Codes of 4 or 8 bits become 16-bit integers, and so do the rows that they are multiplied with, 32 numbers of a row at a
 * time with a scale of their own: the products of 32 are summed exactly, eight at once, then scaled. Matrices of floats stay
 * floats.
 */
#ifndef ER_MATRIX_H
#define ER_MATRIX_H

#include "graph.h"

enum { ER_GROUP = 32 };

typedef struct er_matrix {
    uint32_t inputs;
    uint32_t outputs;
    uint32_t groups; /* of ER_GROUP inputs, the last one filled up with zeros */
    uint32_t panels; /* of 16 outputs, the last one filled up with zeros */
    /* One of the two: */
    int16_t *codes; /* [panels][groups * 16 pairs of inputs][16 outputs][2] */
    float *numbers; /* [panels][inputs][16 outputs] */
    float *scales;  /* [panels][groups][16], of codes */
    float *bias;    /* [panels * 16], zeros where there is none */
} er_matrix;

struct er_rows;

/* Products of a matrix with rows that are in the room, as floats or as codes. */
typedef void er_kernel(const er_matrix *matrix, const float *rows, uint32_t count, const struct er_rows *room,
                       float *products, bool adds);

/* Room for rows as 16-bit integers. */
typedef struct er_rows {
    int16_t *codes; /* [rows][groups * ER_GROUP] */
    float *scales;   /* [rows][groups] */
    er_kernel *kernel; /* the fastest that the processor has */
} er_rows;

/* Take room for up to `rows` rows of up to `inputs` numbers. */
bool er_take_rows(er_arena *arena, uint32_t rows, uint32_t inputs, er_rows *taken, er_error *error);

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
void er_multiply(const er_matrix *matrix, const float *rows, uint32_t count, er_rows *room, float *products, bool adds);

#endif
