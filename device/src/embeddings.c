#include "embeddings.h"

#include "functions.h"
#include "matrix.h"

static const char MISSHAPEN[] = "onnx/model_int8.onnx is not valid: '%s' is missing or misshapen";

/* Floats of a name, as they are: NULL, with an error, if there are not so many. */
static float *load_floats(er_arena *arena, const er_graph *graph, const char *name, uint32_t count, er_error *error) {
    const er_tensor *tensor = er_find_tensor(graph, name);
    if (tensor == NULL || tensor->type != ER_FLOAT32 || tensor->count != count) {
        er_fail(error, ER_FILE_INVALID, MISSHAPEN, name);
        return NULL;
    }
    float *numbers = er_take(arena, count, sizeof *numbers, error);
    for (uint32_t at = 0; numbers != NULL && at < count; at++) {
        numbers[at] = er_float_at(tensor, at);
    }
    return numbers;
}

bool er_load_norm(er_arena *arena, const er_graph *graph, const char *name, uint32_t width, er_norm *norm,
                  er_error *error) {
    char joined[8] = {0};
    uint32_t size = 0;
    for (; name[size] != 0 && size < sizeof joined - 3; size++) {
        joined[size] = name[size];
    }
    joined[size] = '.';
    joined[size + 1] = 'g';
    norm->gamma = load_floats(arena, graph, joined, width, error);
    joined[size + 1] = 'b';
    norm->beta = norm->gamma == NULL ? NULL : load_floats(arena, graph, joined, width, error);
    norm->epsilon = graph->epsilon;
    return norm->beta != NULL;
}

static bool load_positions(er_arena *arena, const er_graph *graph, uint32_t max_length, er_embeddings *embeddings,
                           er_error *error) {
    er_matrix table;
    const er_tensor *codes = er_find_tensor(graph, "p");
    if (codes == NULL || codes->rank != 2 || codes->shape[1] < max_length) {
        return er_fail(error, ER_FILE_INVALID, MISSHAPEN, "p");
    }
    er_arena passing = {.allocator = arena->allocator}; /* the table as a matrix, for as long as it is copied */
    bool loaded = er_load_matrix(&passing, graph, "p", embeddings->width, codes->shape[1], false, &table, error);
    if (loaded) {
        embeddings->positions = er_take(arena, (size_t)max_length * embeddings->width, sizeof(float), error);
        loaded = embeddings->positions != NULL;
    }
    for (uint32_t place = 0; loaded && place < max_length * embeddings->width; place++) {
        embeddings->positions[place] = er_matrix_at(&table, place % embeddings->width, place / embeddings->width);
    }
    er_give_back(&passing);
    return loaded;
}

static bool load_tokens(const er_graph *graph, er_embeddings *embeddings, er_error *error) {
    const er_tensor *tokens = er_find_tensor(graph, "w"), *scales = er_find_tensor(graph, "w.s");
    const uint32_t rows = embeddings->token_count, width = embeddings->width;
    bool fits = tokens != NULL && tokens->rank == 2 && tokens->shape[0] == rows;
    if (fits && tokens->type == ER_UINT8) {
        fits = width % 2 == 0 && tokens->shape[1] == width / 2 && scales != NULL && scales->type == ER_FLOAT16 &&
               scales->count == rows;
    } else if (fits && tokens->type == ER_INT8) {
        fits = tokens->shape[1] == width && scales != NULL && scales->type == ER_FLOAT32 &&
               (scales->count == rows || scales->count == 1);
    } else if (fits) {
        fits = tokens->type == ER_FLOAT32 && tokens->shape[1] == width;
        scales = NULL;
    }
    embeddings->tokens = tokens;
    embeddings->scales = scales;
    return fits || er_fail(error, ER_FILE_INVALID, MISSHAPEN, "w");
}

bool er_load_embeddings(er_arena *arena, const er_graph *graph, uint32_t token_count, uint32_t width,
                        uint32_t max_length, er_embeddings *embeddings, er_error *error) {
    *embeddings = (er_embeddings){.width = width, .token_count = token_count};
    if (!load_tokens(graph, embeddings, error) || !load_positions(arena, graph, max_length, embeddings, error)) {
        return false;
    }
    if (er_find_tensor(graph, "g") != NULL) {
        embeddings->segments = load_floats(arena, graph, "g", 2 * width, error);
        if (embeddings->segments == NULL) {
            return false;
        }
    }
    return er_load_norm(arena, graph, "e", width, &embeddings->norm, error);
}

static void unpack_token(const er_embeddings *embeddings, uint32_t id, float *state) {
    const uint32_t width = embeddings->width;
    const er_tensor *tokens = embeddings->tokens;
    if (tokens->type == ER_FLOAT32) {
        memcpy(state, tokens->data + (size_t)4 * width * id, (size_t)4 * width);
        return;
    }
    const float scale = er_float_at(embeddings->scales, embeddings->scales->count == 1 ? 0 : id);
    if (tokens->type == ER_INT8) {
        const int8_t *codes = (const int8_t *)tokens->data + (size_t)width * id;
        for (uint32_t at = 0; at < width; at++) {
            state[at] = (float)codes[at] * scale;
        }
        return;
    }
    const uint32_t half = width / 2;
    const uint8_t *pairs = tokens->data + (size_t)half * id;
    for (uint32_t at = 0; at < half; at++) {
        state[at] = (float)((pairs[at] & 15) - 8) * scale;
        state[half + at] = (float)((pairs[at] >> 4) - 8) * scale;
    }
}

void er_embed_row(const er_embeddings *embeddings, const uint32_t *ids, uint32_t count, uint32_t second, float *states) {
    const uint32_t width = embeddings->width;
    for (uint32_t token = 0; token < count; token++, states += width) {
        const float *position = embeddings->positions + (size_t)token * width;
        unpack_token(embeddings, ids[token], states);
        for (uint32_t at = 0; at < width; at++) {
            states[at] += position[at];
        }
        if (embeddings->segments != NULL) {
            const float *segment = embeddings->segments + (token < second ? 0 : width);
            for (uint32_t at = 0; at < width; at++) {
                states[at] += segment[at];
            }
        }
        er_layer_norm(states, width, embeddings->norm.gamma, embeddings->norm.beta, embeddings->norm.epsilon);
    }
}
