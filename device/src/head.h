/* A head or a pack: a linear classifier, and maybe adapters. */
#ifndef ER_HEAD_H
#define ER_HEAD_H

#include "model.h"

struct er_head {
    er_arena arena;
    er_head_manifest manifest;
    const int8_t *codes; /* [outputs][width] */
    float *scales;       /* [outputs] */
    float *biases;       /* [outputs] */
    uint32_t width;      /* the dimension, or twice it of pairs */
    er_adapter *adapters; /* one a layer; NULL of a head */
};

/*
 * Make a head of what its files say, `er_load_head`'s second half.
 *
 * arena      moves into the head, or is given back if it is refused; the manifest's texts may lie in it.
 * adapters   of a pack.
 */
er_head *er_open_head(er_model *model, er_arena arena, const er_head_manifest *manifest, er_span weights,
                      er_span adapters, er_error *error);

#endif
