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

#endif
