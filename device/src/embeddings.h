/* The embedding layer: tokens, positions and segments of rows, normalized. */
#ifndef ER_EMBEDDINGS_H
#define ER_EMBEDDINGS_H

#include "graph.h"

typedef struct er_norm {
    float *gamma;
    float *beta;
    float epsilon;
} er_norm;

typedef struct er_embeddings {
    uint32_t width;
    uint32_t token_count;
    const er_tensor *tokens;  /* [tokens][width], or half as many bytes of two codes each */
    const er_tensor *scales;  /* [tokens], one for all, or NULL of floats */
    float *positions;         /* [max_length][width] */
    float *segments;          /* [2][width]; NULL where the model reads single texts */
    er_norm norm;
} er_embeddings;

/* Load gamma and beta of a norm: `name.g`, `name.b`. */
bool er_load_norm(er_arena *arena, const er_graph *graph, const char *name, uint32_t width, er_norm *norm,
                  er_error *error);

bool er_load_embeddings(er_arena *arena, const er_graph *graph, uint32_t token_count, uint32_t width,
                        uint32_t max_length, er_embeddings *embeddings, er_error *error);

/* The states of a row's tokens: `[count][width]`; those from `second` on are of the second text. */
void er_embed_row(const er_embeddings *embeddings, const uint32_t *ids, uint32_t count, uint32_t second, float *states);

#endif
