/*
 * The weights of an ONNX graph by their names, and the little that must be known of its nodes. docs/reference/artifact.md
 * lists the names.
 */
#ifndef ER_GRAPH_H
#define ER_GRAPH_H

#include "base.h"

typedef enum er_type { ER_FLOAT32 = 1, ER_UINT8 = 2, ER_INT8 = 3, ER_FLOAT16 = 10 } er_type;

/* Numbers as they lie in the file, not aligned. */
typedef struct er_tensor {
    er_text name;
    er_type type;
    uint32_t rank;
    uint32_t shape[3];
    uint32_t count; /* of numbers */
    const uint8_t *data;
} er_tensor;

typedef struct er_graph {
    const er_tensor *tensors;
    uint32_t tensor_count;
    bool has_gelu; /* else ReLU */
    float epsilon; /* of layer norms */
} er_graph;

/* List a graph's weights, each of finite numbers of one of the types above; others are left out. */
bool er_load_graph(er_arena *arena, er_span bytes, er_graph *graph, er_error *error);

/* The tensor of a name; NULL if there is none. */
const er_tensor *er_find_tensor(const er_graph *graph, const char *name);

/* A number of a tensor of floats. */
float er_float_at(const er_tensor *tensor, uint32_t place);

#endif
