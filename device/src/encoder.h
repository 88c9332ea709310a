/* The student: rows of token ids in, vectors or logits out. */
#ifndef ER_ENCODER_H
#define ER_ENCODER_H

#include "manifest.h"
#include "matrix.h"

enum {
    ER_RUN_TOKENS = 256, /* that a run holds; more where a single row has more */
    ER_RUN_ROWS = 64,
};

typedef struct er_encoder er_encoder;

/* A row of a run. */
typedef struct er_span_of_run {
    uint32_t first;  /* of its tokens in the run */
    uint32_t count;  /* of its tokens, 1 at least */
    uint32_t second; /* where, in the row, a pair's second text begins; `count` if there is none */
} er_span_of_run;

/* Low-rank changes of linear layers, in the order of `er_layers`: a layer's product x W becomes x W + (x A) B. */
typedef struct er_adapter {
    er_matrix down;      /* A */
    er_matrix up;        /* B, but for `factors` */
    const float *factors; /* [rank] by which x A is multiplied */
} er_adapter;

/* Load the weights. `bytes`, the ONNX graph, stay in place: the token table is read where it lies. */
er_encoder *er_load_encoder(er_arena *arena, er_span bytes, const er_manifest *manifest, er_error *error);

/* How many layers can have adapters, and the inputs and outputs of one. */
uint32_t er_layer_count(const er_encoder *encoder);
void er_layer_shape(const er_encoder *encoder, uint32_t layer, uint32_t *inputs, uint32_t *outputs);

/* Most tokens of a run. */
uint32_t er_run_tokens(const er_encoder *encoder);

/*
 * Read rows: `ids` are the tokens of all of them, at most er_run_tokens, each below the vocabulary's size; `row_count` is at
 * most ER_RUN_ROWS. `outputs` is `[row_count][dimension]`: unit vectors, or a task model's logits.
 *
 * adapters   one a layer; NULL: none.
 */
void er_encode(er_encoder *encoder, const uint32_t *ids, const er_span_of_run *rows, uint32_t row_count,
               const er_adapter *adapters, float *outputs);

#endif
