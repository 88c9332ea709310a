/* A model from the files of its artifact, and a head from its own. */

#include "head.h"
#include "model.h"

static er_span content(const er_file *file) { return (er_span){file->bytes, file->size}; }

/* The content of a file that has been found to be there. */
static er_span content_of(const er_file *files, size_t file_count, const char *path) {
    return content(er_find_file(files, file_count, path));
}

er_model *er_load(const er_file *files, size_t file_count, const er_options *options, const er_allocator *allocator,
                  er_error *error) {
    er_arena arena = {.allocator = *allocator};
    er_manifest manifest;
    er_weights weights;
    const bool trusted = options != NULL && options->trusted != 0;
    if (!er_load_manifest(&arena, files, file_count, trusted, &manifest, error) ||
        (manifest.task.outputs == 0 && !er_load_weights(er_find_file(files, file_count, "ranker.json"), &weights, error))) {
        er_give_back(&arena);
        return NULL;
    }
    return er_open_model(arena, &manifest, manifest.task.outputs == 0 ? &weights : NULL,
                         content_of(files, file_count, "onnx/model_int8.onnx"),
                         content_of(files, file_count, "vocab.txt"), options, error);
}

er_head *er_load_head(er_model *model, const er_file *files, size_t file_count, er_error *error) {
    er_arena arena = {.allocator = model->arena.allocator};
    er_head_manifest manifest;
    if (!er_load_head_manifest(&arena, files, file_count, &manifest, error)) {
        er_give_back(&arena);
        return NULL;
    }
    const er_span none = {NULL, 0};
    return er_open_head(model, arena, &manifest, content_of(files, file_count, "weights.bin"),
                        manifest.rank == 0 ? none : content_of(files, file_count, "adapters.bin"), error);
}
