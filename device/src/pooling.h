/* The states of a row's tokens, pooled into one vector: a mean, plain or with learned weights. */
#ifndef ER_POOLING_H
#define ER_POOLING_H

#include "graph.h"

typedef struct er_pooling {
    uint32_t width;
    float *gate;      /* [width]; NULL: a plain mean */
    float *positions; /* [max_length] */
} er_pooling;

/* Load the weights of a name, `name.g` and `name.p`; without them, the mean is plain. */
bool er_load_pooling(er_arena *arena, const er_graph *graph, const char *name, uint32_t width, uint32_t max_length,
                     er_pooling *pooling, er_error *error);

/* Pool the states `[..][width]` of the tokens from `begin` up to `end` of a row into `pooled` `[width]`. */
void er_pool(const er_pooling *pooling, const float *states, uint32_t begin, uint32_t end, float *pooled);

#endif
