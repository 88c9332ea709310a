#include "encoder.h"

#include "attention.h"
#include "embeddings.h"
#include "functions.h"
#include "pooling.h"

typedef struct layer {
    er_matrix joint; /* queries, keys, values */
    er_matrix output;
    er_matrix wide;
    er_matrix narrow;
    er_norm after_attention;
    er_norm after_feed_forward;
} layer;

struct er_encoder {
    er_embeddings embeddings;
    er_matrix projection; /* from the embeddings' width to the layers'; no inputs where they are the same */
    layer *layers;
    uint32_t layer_count;
    bool has_gelu;
    er_pooling last;
    er_pooling first; /* no width where the embedding layer's states are not pooled */
    er_matrix comparison; /* of pairs; no inputs where there is none */
    er_matrix head;
    bool gives_vectors;
    uint32_t run_tokens;
    uint32_t hidden;
    uint32_t pooled; /* width of both means */
    /* Room for a run. */
    er_attention attention;
    er_kernel *kernel;
    float *words;    /* [tokens][embedding width] */
    float *states;   /* [tokens][hidden] */
    float *products; /* [tokens][the widest] */
    float *context;  /* [tokens][hidden] */
    float *features; /* [rows][inputs of the head] */
    float *sides;    /* [2][pooled, compared] of a pair's texts */
    float *reduced;  /* [tokens][rank] of adapters */
};

enum { MOST_RANK = 64 };

uint32_t er_run_tokens(const er_encoder *encoder) { return encoder->run_tokens; }

/* ------------------------------------------------------------------ layers */

static bool has_projection(const er_encoder *encoder) { return encoder->projection.inputs != 0; }

uint32_t er_layer_count(const er_encoder *encoder) {
    return (has_projection(encoder) ? 1 : 0) + 4 * encoder->layer_count + 1;
}

/* The linear layers in the order in which a row passes them, without the comparison of pairs. */
static const er_matrix *layer_at(const er_encoder *encoder, uint32_t place) {
    if (has_projection(encoder) && place-- == 0) {
        return &encoder->projection;
    }
    if (place >= 4 * encoder->layer_count) {
        return &encoder->head;
    }
    const layer *of = &encoder->layers[place / 4];
    const er_matrix *matrices[] = {&of->joint, &of->output, &of->wide, &of->narrow};
    return matrices[place % 4];
}

void er_layer_shape(const er_encoder *encoder, uint32_t place, uint32_t *inputs, uint32_t *outputs) {
    *inputs = layer_at(encoder, place)->inputs;
    *outputs = layer_at(encoder, place)->outputs;
}

/* ----------------------------------------------------------------- loading */

static bool load_layer(er_arena *arena, const er_graph *graph, uint32_t place, const er_manifest *manifest, layer *to,
                       er_error *error) {
    const uint32_t hidden = manifest->hidden_size, wide = manifest->intermediate_size;
    char name[4] = {0};
    uint32_t digits = place < 10 ? 1 : 2;
    name[0] = (char)('0' + (digits == 1 ? place : place / 10));
    name[1] = (char)('0' + place % 10);
    char *kind = name + digits;
    *kind = 'q';
    bool loaded = er_load_matrix(arena, graph, name, hidden, 3 * hidden, true, &to->joint, error);
    *kind = 'o';
    loaded = loaded && er_load_matrix(arena, graph, name, hidden, hidden, true, &to->output, error);
    *kind = 'f';
    loaded = loaded && er_load_matrix(arena, graph, name, hidden, wide, true, &to->wide, error);
    *kind = 'r';
    loaded = loaded && er_load_matrix(arena, graph, name, wide, hidden, true, &to->narrow, error);
    *kind = 'a';
    loaded = loaded && er_load_norm(arena, graph, name, hidden, &to->after_attention, error);
    *kind = 'n';
    return loaded && er_load_norm(arena, graph, name, hidden, &to->after_feed_forward, error);
}

static bool load_layers(er_arena *arena, const er_graph *graph, const er_manifest *manifest, er_encoder *encoder,
                        er_error *error) {
    if (manifest->layers > 99) {
        return er_fail(error, ER_UNSUPPORTED, "manifest.json: %u layers are more than are supported",
                       (size_t)manifest->layers);
    }
    encoder->layer_count = manifest->layers;
    encoder->layers = er_take(arena, manifest->layers, sizeof *encoder->layers, error);
    for (uint32_t place = 0; encoder->layers != NULL && place < manifest->layers; place++) {
        if (!load_layer(arena, graph, place, manifest, &encoder->layers[place], error)) {
            return false;
        }
    }
    return encoder->layers != NULL;
}

static bool load_projection(er_arena *arena, const er_graph *graph, const er_manifest *manifest, er_encoder *encoder,
                            er_error *error) {
    const uint32_t from = manifest->embedding_size, to = manifest->hidden_size;
    if (er_find_tensor(graph, "j") != NULL || er_find_tensor(graph, "j.0") != NULL) {
        return er_load_matrix(arena, graph, "j", from, to, true, &encoder->projection, error);
    }
    return from == to || er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx is not valid: 'j' is missing");
}

/* How many numbers the head takes: the rows of its matrix. */
static uint32_t inputs_of_head(const er_graph *graph) {
    const er_tensor *head = er_find_tensor(graph, "h");
    if (head == NULL) {
        head = er_find_tensor(graph, "h.0");
    }
    if (head == NULL || head->rank != 2 || head->shape[0] > UINT32_MAX / 4) {
        return 0;
    }
    return head->type == ER_UINT8 ? 2 * head->shape[0] : head->shape[0];
}

static uint32_t compared_of(const er_graph *graph) {
    const er_tensor *comparison = er_find_tensor(graph, "c");
    if (comparison == NULL) {
        comparison = er_find_tensor(graph, "c.0");
    }
    return comparison == NULL || comparison->rank != 2 || comparison->shape[1] > 1000000 ? 0 : comparison->shape[1];
}

static bool load_head(er_arena *arena, const er_graph *graph, const er_manifest *manifest, er_encoder *encoder,
                      er_error *error) {
    const uint32_t inputs = inputs_of_head(graph), compared = compared_of(graph);
    const uint32_t last = manifest->hidden_size, both = last + manifest->embedding_size;
    if (inputs != last + 2 * compared && inputs != both + 2 * compared) {
        return er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx is not valid: 'h' is missing or misshapen");
    }
    encoder->pooled = inputs - 2 * compared;
    if (!er_load_pooling(arena, graph, "t", last, manifest->max_length, &encoder->last, error) ||
        (encoder->pooled == both && !er_load_pooling(arena, graph, "u", manifest->embedding_size, manifest->max_length,
                                                     &encoder->first, error))) {
        return false;
    }
    if (compared != 0 &&
        !er_load_matrix(arena, graph, "c", encoder->pooled, compared, false, &encoder->comparison, error)) {
        return false;
    }
    encoder->gives_vectors = manifest->task.outputs == 0;
    return er_load_matrix(arena, graph, "h", inputs, manifest->dimension, !encoder->gives_vectors, &encoder->head, error);
}

static bool take_room(er_arena *arena, const er_manifest *manifest, er_encoder *encoder, er_error *error) {
    const uint32_t hidden = manifest->hidden_size, wide = er_most(3 * hidden, manifest->intermediate_size);
    encoder->run_tokens = er_most(ER_RUN_TOKENS, manifest->max_length);
    encoder->kernel = er_fastest_kernel();
    encoder->hidden = hidden;
    const size_t tokens = encoder->run_tokens;
    encoder->words = er_take(arena, tokens * manifest->embedding_size, sizeof(float), error);
    encoder->states = er_take(arena, tokens * hidden, sizeof(float), error);
    encoder->products = er_take(arena, tokens * wide, sizeof(float), error);
    encoder->context = er_take(arena, tokens * hidden, sizeof(float), error);
    encoder->reduced = er_take(arena, tokens * MOST_RANK, sizeof(float), error);
    encoder->features = er_take(arena, (size_t)ER_RUN_ROWS * encoder->head.inputs, sizeof(float), error);
    encoder->sides = er_take(arena, (size_t)2 * (encoder->pooled + encoder->comparison.outputs), sizeof(float), error);
    return encoder->words != NULL && encoder->states != NULL && encoder->products != NULL && encoder->context != NULL &&
           encoder->reduced != NULL && encoder->features != NULL && encoder->sides != NULL &&
           er_take_attention(arena, manifest->attention_heads, hidden / manifest->attention_heads, manifest->max_length,
                             &encoder->attention, error);
}

er_encoder *er_load_encoder(er_arena *arena, er_span bytes, const er_manifest *manifest, er_error *error) {
    er_graph graph;
    er_encoder *encoder = er_take(arena, 1, sizeof *encoder, error);
    if (encoder == NULL || !er_load_graph(arena, bytes, &graph, error)) {
        return NULL;
    }
    encoder->has_gelu = graph.has_gelu;
    const bool loaded =
        er_load_embeddings(arena, &graph, manifest->vocabulary_size, manifest->embedding_size, manifest->max_length,
                           &encoder->embeddings, error) &&
        load_projection(arena, &graph, manifest, encoder, error) &&
        load_layers(arena, &graph, manifest, encoder, error) && load_head(arena, &graph, manifest, encoder, error) &&
        take_room(arena, manifest, encoder, error);
    return loaded ? encoder : NULL;
}

/* ----------------------------------------------------------------- a run */

/* A layer's products, with what an adapter adds to them. */
static void multiply(er_encoder *encoder, const er_matrix *matrix, const float *rows, uint32_t count,
                     const er_adapter *adapter, float *products) {
    er_multiply(encoder->kernel, matrix, rows, count, products, false);
    if (adapter == NULL) {
        return;
    }
    const uint32_t rank = adapter->down.outputs;
    er_multiply(encoder->kernel, &adapter->down, rows, count, encoder->reduced, false);
    for (uint32_t at = 0; at < count * rank; at++) {
        encoder->reduced[at] *= adapter->factors[at % rank];
    }
    er_multiply(encoder->kernel, &adapter->up, encoder->reduced, count, products, true);
}

/* Add products to the states, and normalize them. */
static void add(const er_norm *norm, const float *products, uint32_t count, uint32_t width, float *states) {
    for (uint32_t token = 0; token < count; token++, states += width, products += width) {
        for (uint32_t at = 0; at < width; at++) {
            states[at] += products[at];
        }
        er_layer_norm(states, width, norm->gamma, norm->beta, norm->epsilon);
    }
}

static void pass_layer(er_encoder *encoder, const layer *through, const er_span_of_run *rows, uint32_t row_count,
                       uint32_t tokens, const er_adapter *adapters) {
    const uint32_t hidden = encoder->hidden;
    multiply(encoder, &through->joint, encoder->states, tokens, adapters, encoder->products);
    for (uint32_t row = 0; row < row_count; row++) {
        er_attend(&encoder->attention, encoder->products + (size_t)3 * hidden * rows[row].first, rows[row].count,
                  encoder->context + (size_t)hidden * rows[row].first);
    }
    multiply(encoder, &through->output, encoder->context, tokens, adapters == NULL ? NULL : adapters + 1,
             encoder->products);
    add(&through->after_attention, encoder->products, tokens, hidden, encoder->states);
    multiply(encoder, &through->wide, encoder->states, tokens, adapters == NULL ? NULL : adapters + 2,
             encoder->products);
    const size_t count = (size_t)tokens * through->wide.outputs;
    if (encoder->has_gelu) {
        er_gelu(encoder->products, count);
    } else {
        er_relu(encoder->products, count);
    }
    multiply(encoder, &through->narrow, encoder->products, tokens, adapters == NULL ? NULL : adapters + 3,
             encoder->context);
    add(&through->after_feed_forward, encoder->context, tokens, hidden, encoder->states);
}

static void pool(const er_encoder *encoder, const er_span_of_run *row, uint32_t begin, uint32_t end, float *pooled) {
    const float *states = encoder->states + (size_t)row->first * encoder->hidden;
    er_pool(&encoder->last, states, begin, end, pooled);
    if (encoder->first.width != 0) {
        const float *words = encoder->words + (size_t)row->first * encoder->first.width;
        er_pool(&encoder->first, words, begin, end, pooled + encoder->hidden);
    }
}

/* What tells a pair's two texts apart, and what they share: `[2 * compared]`. */
static void compare(er_encoder *encoder, const er_span_of_run *row, float *features) {
    const uint32_t compared = encoder->comparison.outputs;
    float *pooled = encoder->sides, *sides = encoder->sides + 2 * encoder->pooled;
    pool(encoder, row, 0, row->second, pooled);
    pool(encoder, row, row->second, row->count, pooled + encoder->pooled);
    er_multiply(encoder->kernel, &encoder->comparison, pooled, 2, sides, false);
    er_normalize(sides, compared);
    er_normalize(sides + compared, compared);
    const float scale = __builtin_sqrtf((float)compared);
    for (uint32_t at = 0; at < compared; at++) {
        const float left = sides[at], right = sides[compared + at];
        features[at] = left > right ? left - right : right - left;
        features[compared + at] = left * right * scale;
    }
}

static void embed(er_encoder *encoder, const uint32_t *ids, const er_span_of_run *rows, uint32_t row_count,
                  uint32_t tokens, const er_adapter *adapters) {
    const uint32_t width = encoder->embeddings.width;
    for (uint32_t row = 0; row < row_count; row++) {
        er_embed_row(&encoder->embeddings, ids + rows[row].first, rows[row].count, rows[row].second,
                     encoder->words + (size_t)width * rows[row].first);
    }
    if (has_projection(encoder)) {
        multiply(encoder, &encoder->projection, encoder->words, tokens, adapters, encoder->states);
    } else {
        memcpy(encoder->states, encoder->words, (size_t)tokens * width * sizeof(float));
    }
}

void er_encode(er_encoder *encoder, const uint32_t *ids, const er_span_of_run *rows, uint32_t row_count,
               const er_adapter *adapters, float *outputs) {
    const uint32_t tokens = row_count == 0 ? 0 : rows[row_count - 1].first + rows[row_count - 1].count;
    embed(encoder, ids, rows, row_count, tokens, adapters);
    if (adapters != NULL && has_projection(encoder)) {
        adapters++;
    }
    for (uint32_t at = 0; at < encoder->layer_count; at++) {
        pass_layer(encoder, &encoder->layers[at], rows, row_count, tokens, adapters);
        adapters = adapters == NULL ? NULL : adapters + 4;
    }
    const uint32_t inputs = encoder->head.inputs, width = encoder->head.outputs;
    for (uint32_t row = 0; row < row_count; row++) {
        float *features = encoder->features + (size_t)row * inputs;
        pool(encoder, &rows[row], 0, rows[row].count, features);
        if (encoder->comparison.inputs != 0) {
            compare(encoder, &rows[row], features + encoder->pooled);
        }
    }
    multiply(encoder, &encoder->head, encoder->features, row_count, adapters, outputs);
    for (uint32_t row = 0; encoder->gives_vectors && row < row_count; row++) {
        er_normalize(outputs + (size_t)row * width, width);
    }
}
