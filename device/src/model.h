/* A loaded model: its parts, and the room of a run. */
#ifndef ER_MODEL_H
#define ER_MODEL_H

#include "encoder.h"
#include "manifest.h"
#include "ranker.h"
#include "tokenizer.h"

/* Rows that are gathered until they are read together. */
typedef struct er_run {
    uint32_t *ids; /* [er_run_tokens] */
    er_span_of_run rows[ER_RUN_ROWS];
    uint32_t row_count;
    uint32_t tokens;
    float *outputs; /* [ER_RUN_ROWS][dimension], once they are read */
} er_run;

struct er_model {
    er_arena arena;
    er_manifest manifest;
    er_tokenizer *tokenizer;
    er_encoder *encoder;
    er_scorer *scorer; /* NULL of task models */
    uint32_t most_windows;
    er_run run;
    float *first;   /* [dimension] the first window of a text of several */
    float *vectors; /* [ER_RUN_ROWS][dimension] what heads decide by */
    float *logits;  /* [most outputs of a head] */
};

/*
 * Make a model of what its files say, `er_load`'s second half.
 *
 * arena      moves into the model, or is given back if it is refused; the manifest's texts may lie in it.
 * weights    NULL of a task model.
 * graph, vocabulary    stay where they are.
 */
er_model *er_open_model(er_arena arena, const er_manifest *manifest, const er_weights *weights, er_span graph,
                        er_span vocabulary, const er_options *options, er_error *error);

static inline bool er_has_room(const er_model *model, uint32_t tokens) {
    return model->run.row_count < ER_RUN_ROWS && model->run.tokens + tokens <= er_run_tokens(model->encoder);
}

/* Where the next row's token ids go; there is room for max_length of them if er_has_room says so. */
static inline uint32_t *er_next_row(er_model *model) { return model->run.ids + model->run.tokens; }

static inline void er_add_row(er_model *model, uint32_t count, uint32_t second) {
    er_run *run = &model->run;
    run->rows[run->row_count++] = (er_span_of_run){run->tokens, count, second};
    run->tokens += count;
}

/* Read the rows that were gathered; the next one begins a new run. Returns how many there were. */
static inline uint32_t er_read_run(er_model *model, const er_adapter *adapters) {
    er_run *run = &model->run;
    const uint32_t count = run->row_count;
    er_encode(model->encoder, run->ids, run->rows, count, adapters, run->outputs);
    run->row_count = run->tokens = 0;
    return count;
}

#endif
