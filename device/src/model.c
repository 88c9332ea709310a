#include "model.h"

#include "features.h"
#include "functions.h"

enum { MOST_WINDOWS = 64, MOST_CANDIDATES = 100000, MOST_EVENTS = 10000 };

static uint32_t chosen(uint32_t option, uint32_t otherwise) { return option == 0 ? otherwise : option; }

static bool read_options(const er_options *options, er_options *read, er_error *error) {
    const er_options none = {0};
    options = options == NULL ? &none : options;
    read->most_windows = chosen(options->most_windows, 8);
    read->most_candidates = chosen(options->most_candidates, 1000);
    read->most_events = chosen(options->most_events, 500);
    read->trusted = options->trusted;
    if (read->most_windows > MOST_WINDOWS || read->most_candidates > MOST_CANDIDATES ||
        read->most_events > MOST_EVENTS) {
        return er_fail(error, ER_ARGUMENT, "at most %u windows, %u candidates and %u events can be chosen",
                       (size_t)MOST_WINDOWS, (size_t)MOST_CANDIDATES, (size_t)MOST_EVENTS);
    }
    return true;
}

static bool load_scorer(er_model *model, const er_weights *weights, const er_options *options, er_error *error) {
    if (model->manifest.task.outputs != 0) {
        return true;
    }
    model->scorer = er_load_scorer(&model->arena, weights, model->manifest.dimension, options->most_candidates,
                                   options->most_events, options->most_windows, error);
    return model->scorer != NULL;
}

static bool take_run(er_model *model, er_error *error) {
    const uint32_t dimension = model->manifest.dimension;
    er_run *run = &model->run;
    run->ids = er_take(&model->arena, er_run_tokens(model->encoder), sizeof *run->ids, error);
    run->outputs = er_take(&model->arena, (size_t)ER_RUN_ROWS * dimension, sizeof(float), error);
    model->first = er_take(&model->arena, dimension, sizeof(float), error);
    model->vectors = er_take(&model->arena, (size_t)ER_RUN_ROWS * dimension, sizeof(float), error);
    model->logits = er_take(&model->arena, ER_MOST_CLASSES, sizeof(float), error);
    return run->ids != NULL && run->outputs != NULL && model->first != NULL && model->vectors != NULL &&
           model->logits != NULL;
}

/* Read a text, so that a model of numbers that overflow is refused at once. */
static bool try_out(er_model *model, er_error *error) {
    const er_text text = {"warm up", 7};
    const er_text other = model->manifest.task.is_pair ? text : (er_text){NULL, 0};
    er_row row;
    er_tokenize_row(model->tokenizer, text, other, er_next_row(model), &row);
    er_add_row(model, row.count, row.second);
    er_read_run(model, NULL);
    const float *outputs = model->run.outputs;
    const float square = er_dot_f(outputs, outputs, model->manifest.dimension);
    const bool is_fine = model->manifest.task.outputs != 0 ? square - square == 0 : square > 0.998f && square < 1.002f;
    return is_fine || er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx gives numbers that are not those of a text");
}

/* Whether a shape can be computed with: what the weights have is compared with it as they are loaded. */
static bool is_computable(const er_manifest *of) {
    const uint32_t most = 1000000;
    return of->layers <= most && of->embedding_size >= 1 && of->embedding_size <= most && of->hidden_size >= 1 &&
           of->hidden_size <= most && of->intermediate_size >= 1 && of->intermediate_size <= most &&
           of->attention_heads >= 1 && of->hidden_size % of->attention_heads == 0 && of->vocabulary_size >= 4 &&
           of->vocabulary_size <= most && of->dimension >= 1 && of->dimension <= 4096 && of->max_length >= 3 &&
           of->max_length <= 2048 && (of->task.outputs == 0 || of->task.outputs == of->dimension);
}

static bool load_parts(er_model *model, const er_weights *weights, er_span graph, er_span vocabulary,
                       const er_options *options, er_error *error) {
    const er_manifest *manifest = &model->manifest;
    if (!is_computable(manifest)) {
        return er_fail(error, ER_UNSUPPORTED, "manifest.json states a shape that can't be computed with");
    }
    model->most_windows = options->most_windows;
    model->tokenizer = er_load_tokenizer(&model->arena, vocabulary, manifest->rules, manifest->vocabulary_size,
                                         manifest->max_length, options->most_windows, error);
    if (model->tokenizer == NULL) {
        return false;
    }
    model->encoder = er_load_encoder(&model->arena, graph, manifest, error);
    return model->encoder != NULL && load_scorer(model, weights, options, error) && take_run(model, error) &&
           try_out(model, error);
}

er_model *er_open_model(er_arena arena, const er_manifest *manifest, const er_weights *weights, er_span graph,
                        er_span vocabulary, const er_options *options, er_error *error) {
    er_options read;
    er_model *model = read_options(options, &read, error) ? er_take(&arena, 1, sizeof *model, error) : NULL;
    if (model == NULL) {
        er_give_back(&arena);
        return NULL;
    }
    model->arena = arena;
    model->manifest = *manifest;
    if (!load_parts(model, weights, graph, vocabulary, &read, error)) {
        er_give_back(&model->arena);
        return NULL;
    }
    return model;
}

void er_free(er_model *model) {
    if (model != NULL) {
        er_give_back(&model->arena);
    }
}

er_model_info er_describe(const er_model *model) {
    const er_manifest *manifest = &model->manifest;
    return (er_model_info){
        .name = manifest->name,
        .revision = manifest->revision,
        .encoder_revision = manifest->encoder_revision,
        .dimension = manifest->dimension,
        .max_length = manifest->max_length,
        .most_windows = model->most_windows,
        .features_size = (uint32_t)er_features_bytes(model->most_windows, ER_MOST_TERMS, manifest->dimension),
        .query_size = (uint32_t)(sizeof(er_query) + manifest->dimension * sizeof(float)),
        .memory = model->arena.taken,
    };
}

int er_features_are_valid(const er_model *model, const void *bytes, size_t size) {
    return er_features_fit(bytes, size, model->manifest.dimension);
}

er_status er_rank(er_model *model, const er_request *request, er_ranking *ranking, er_error *error) {
    if (model->scorer == NULL) {
        er_fail(error, ER_UNSUPPORTED, "a task model does not rank");
        return ER_UNSUPPORTED;
    }
    return er_score(model->scorer, request, ranking, error);
}
