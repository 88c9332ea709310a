#include "head.h"

static const char WEIGHTS[] = "weights.bin";
static const char ADAPTERS[] = "adapters.bin";

/*
 * Scales and biases of a head up to this, and scales of adapters up to that, with which sums stay within float32: a
 * logit is a sum of at most 8,192 products of a feature (at most 64), a code (at most 128) and a scale.
 */
static const float LARGEST_NUMBER = 1e30f, LARGEST_SCALE = 1000;

/* Numbers that a file holds, not aligned: false if one is not finite, or larger than `largest`. */
static bool read_floats(const uint8_t *from, uint32_t count, float largest, float *to) {
    memcpy(to, from, (size_t)count * sizeof *to);
    for (uint32_t at = 0; at < count; at++) {
        if (!(to[at] >= -largest && to[at] <= largest)) {
            return false;
        }
    }
    return true;
}

static bool load_weights(er_head *head, er_span file, er_error *error) {
    const uint32_t outputs = head->manifest.task.outputs;
    const size_t codes = (size_t)outputs * head->width;
    if (file.size != codes + (size_t)8 * outputs) {
        return er_fail(error, ER_FILE_INVALID, "%s has %u bytes, head.json calls for %u", WEIGHTS, file.size,
                       codes + (size_t)8 * outputs);
    }
    int8_t *copy = er_take(&head->arena, codes, 1, error);
    head->scales = er_take(&head->arena, outputs, sizeof(float), error);
    head->biases = er_take(&head->arena, outputs, sizeof(float), error);
    if (copy == NULL || head->scales == NULL || head->biases == NULL) {
        return false;
    }
    memcpy(copy, file.bytes, codes);
    head->codes = copy;
    const uint8_t *floats = file.bytes + codes;
    return (read_floats(floats, outputs, LARGEST_NUMBER, head->scales) &&
            read_floats(floats + (size_t)4 * outputs, outputs, LARGEST_NUMBER, head->biases)) ||
           er_fail(error, ER_FILE_INVALID, "%s has numbers with which scores overflow", WEIGHTS);
}

/* Read a layer's adapter: codes of A, codes of B, scales of A's columns, scales of B's rows. */
static bool load_adapter(er_head *head, const uint8_t *bytes, uint32_t inputs, uint32_t outputs, er_adapter *adapter,
                         er_error *error) {
    const uint32_t rank = head->manifest.rank;
    const int8_t *down = (const int8_t *)bytes, *up = down + (size_t)inputs * rank;
    const uint8_t *floats = bytes + (size_t)rank * ((size_t)inputs + outputs);
    float *scales = er_take(&head->arena, 2 * (size_t)rank, sizeof *scales, error);
    if (scales == NULL) {
        return false;
    }
    if (!read_floats(floats, 2 * rank, LARGEST_SCALE, scales)) {
        return er_fail(error, ER_FILE_INVALID, "%s has numbers with which scores overflow", ADAPTERS);
    }
    adapter->factors = scales + rank;
    return er_make_matrix(&head->arena, down, inputs, rank, scales, &adapter->down, error) &&
           er_make_matrix(&head->arena, up, rank, outputs, NULL, &adapter->up, error);
}

static size_t adapter_bytes(const er_encoder *encoder, uint32_t layer, uint32_t rank) {
    uint32_t inputs, outputs;
    er_layer_shape(encoder, layer, &inputs, &outputs);
    return (size_t)rank * ((size_t)inputs + outputs + 8);
}

static bool load_adapters(er_head *head, const er_encoder *encoder, er_span file, er_error *error) {
    const uint32_t layers = er_layer_count(encoder), rank = head->manifest.rank;
    size_t size = 0;
    for (uint32_t layer = 0; layer < layers; layer++) {
        size += adapter_bytes(encoder, layer, rank);
    }
    if (file.size != size) {
        return er_fail(error, ER_WRONG_MODEL, "%s has %u bytes, adapters of rank %u for this model have %u", ADAPTERS,
                       file.size, (size_t)rank, size);
    }
    head->adapters = er_take(&head->arena, layers, sizeof *head->adapters, error);
    const uint8_t *from = file.bytes;
    for (uint32_t layer = 0; head->adapters != NULL && layer < layers; layer++) {
        uint32_t inputs, outputs;
        er_layer_shape(encoder, layer, &inputs, &outputs);
        if (!load_adapter(head, from, inputs, outputs, &head->adapters[layer], error)) {
            return false;
        }
        from += adapter_bytes(encoder, layer, rank);
    }
    return head->adapters != NULL;
}

static bool fits(const er_head *head, const er_model *model, er_error *error) {
    const er_head_manifest *manifest = &head->manifest;
    const er_manifest *of = &model->manifest;
    const bool same = manifest->backbone_encoder_revision.bytes != NULL
                          ? er_same(manifest->backbone_encoder_revision, of->encoder_revision)
                          : er_same(manifest->backbone_revision, of->revision);
    if (of->task.outputs != 0 || !same || manifest->dimension != of->dimension) {
        return er_fail(error, ER_WRONG_MODEL, "head.json: '%t' was fitted to another model than '%t'", &manifest->name,
                       &of->name);
    }
    return true;
}

static bool load_parts(er_head *head, const er_model *model, er_span weights, er_span adapters, er_error *error) {
    if (!fits(head, model, error)) {
        return false;
    }
    head->width = head->manifest.dimension * (head->manifest.task.is_pair ? 2 : 1);
    return load_weights(head, weights, error) &&
           (head->manifest.rank == 0 || load_adapters(head, model->encoder, adapters, error));
}

er_head *er_open_head(er_model *model, er_arena arena, const er_head_manifest *manifest, er_span weights,
                      er_span adapters, er_error *error) {
    er_head *head = er_take(&arena, 1, sizeof *head, error);
    if (head == NULL) {
        er_give_back(&arena);
        return NULL;
    }
    head->arena = arena;
    head->manifest = *manifest;
    if (!load_parts(head, model, weights, adapters, error)) {
        er_give_back(&head->arena);
        return NULL;
    }
    return head;
}

void er_free_head(er_head *head) {
    if (head != NULL) {
        er_give_back(&head->arena);
    }
}

static const er_task *task_of(const er_model *model, const er_head *head) {
    return head == NULL ? &model->manifest.task : &head->manifest.task;
}

er_head_info er_describe_head(const er_model *model, const er_head *head) {
    const er_task *task = task_of(model, head);
    return (er_head_info){
        .name = head == NULL ? model->manifest.name : head->manifest.name,
        .revision = head == NULL ? model->manifest.revision : head->manifest.revision,
        .outputs = task->outputs,
        .is_pair = task->is_pair,
        .is_grade = task->is_grade,
    };
}

er_text er_label(const er_model *model, const er_head *head, uint32_t place) {
    const er_task *task = task_of(model, head);
    return task->labels == NULL || place >= task->outputs ? (er_text){NULL, 0} : task->labels[place];
}
