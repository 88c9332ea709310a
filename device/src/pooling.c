#include "pooling.h"

#include "functions.h"

static const float LEAST_COUNT = 1e-6f; /* what weights add up to at least */

bool er_load_pooling(er_arena *arena, const er_graph *graph, const char *name, uint32_t width, uint32_t max_length,
                     er_pooling *pooling, er_error *error) {
    char joined[4] = {name[0], '.', 'g', 0};
    *pooling = (er_pooling){.width = width};
    const er_tensor *gate = er_find_tensor(graph, joined);
    joined[2] = 'p';
    const er_tensor *positions = er_find_tensor(graph, joined);
    if (gate == NULL && positions == NULL) {
        return true;
    }
    if (gate == NULL || positions == NULL || gate->type != ER_FLOAT32 || positions->type != ER_FLOAT32 ||
        gate->count != width || positions->count < max_length) {
        return er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx is not valid: the pooling weights '%s' are misshapen",
                       name);
    }
    pooling->gate = er_take(arena, width, sizeof(float), error);
    pooling->positions = er_take(arena, max_length, sizeof(float), error);
    if (pooling->gate == NULL || pooling->positions == NULL) {
        return false;
    }
    for (uint32_t at = 0; at < width; at++) {
        pooling->gate[at] = er_float_at(gate, at);
    }
    for (uint32_t at = 0; at < max_length; at++) {
        pooling->positions[at] = er_float_at(positions, at);
    }
    return true;
}

void er_pool(const er_pooling *pooling, const float *states, uint32_t begin, uint32_t end, float *pooled) {
    const uint32_t width = pooling->width;
    float total = 0;
    memset(pooled, 0, width * sizeof *pooled);
    for (uint32_t token = begin; token < end; token++) {
        const float *state = states + (size_t)token * width;
        float weight = 1;
        if (pooling->gate != NULL) {
            weight = er_exp_f(er_dot_f(state, pooling->gate, width) + pooling->positions[token]);
        }
        total += weight;
        for (uint32_t at = 0; at < width; at++) {
            pooled[at] += weight * state[at];
        }
    }
    total = total > LEAST_COUNT ? total : LEAST_COUNT;
    for (uint32_t at = 0; at < width; at++) {
        pooled[at] /= total;
    }
}
