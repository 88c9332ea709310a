#include "model.h"

#include "features.h"
#include "functions.h"

static const char GRAPH[] = "onnx/model_int8.onnx";
static const char VOCABULARY[] = "vocab.txt";
static const char RANKER[] = "ranker.json";

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

static er_span content(const er_file *file) { return (er_span){file->bytes, file->size}; }

static bool load_scorer(er_model *model, const er_file *files, size_t file_count, const er_options *options,
                        er_error *error) {
    er_weights weights;
    if (model->manifest.task.outputs != 0) {
        return true;
    }
    if (!er_load_weights(er_find_file(files, file_count, RANKER), &weights, error)) {
        return false;
    }
    model->scorer = er_load_scorer(&model->arena, &weights, model->manifest.dimension, options->most_candidates,
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
    return is_fine || er_fail(error, ER_FILE_INVALID, "%s gives numbers that are not those of a text", GRAPH);
}

static bool load_parts(er_model *model, const er_file *files, size_t file_count, const er_options *options,
                       er_error *error) {
    er_manifest *manifest = &model->manifest;
    if (!er_load_manifest(&model->arena, files, file_count, options->trusted != 0, manifest, error)) {
        return false;
    }
    model->most_windows = options->most_windows;
    model->tokenizer =
        er_load_tokenizer(&model->arena, content(er_find_file(files, file_count, VOCABULARY)), manifest->rules,
                          manifest->vocabulary_size, manifest->max_length, options->most_windows, error);
    if (model->tokenizer == NULL) {
        return false;
    }
    model->encoder = er_load_encoder(&model->arena, content(er_find_file(files, file_count, GRAPH)), manifest, error);
    return model->encoder != NULL && load_scorer(model, files, file_count, options, error) && take_run(model, error) &&
           try_out(model, error);
}

er_model *er_load(const er_file *files, size_t file_count, const er_options *options, const er_allocator *allocator,
                  er_error *error) {
    er_options read;
    er_arena arena = {.allocator = *allocator};
    if (!read_options(options, &read, error)) {
        return NULL;
    }
    er_model *model = er_take(&arena, 1, sizeof *model, error);
    if (model == NULL) {
        return NULL;
    }
    model->arena = arena;
    if (!load_parts(model, files, file_count, &read, error)) {
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
