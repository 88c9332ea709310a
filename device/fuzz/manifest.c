// seeds: service/assets/model/manifest.json models/*/manifest.json

#include "manifest.h"
#include "target.h"

/* The other files are as large as the manifest of corpus/manifest/small.json states. */
static const uint8_t GRAPH[7], VOCABULARY[12], RANKER[30];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const er_file files[] = {
        {"manifest.json", data, size},
        {"onnx/model_int8.onnx", GRAPH, sizeof GRAPH},
        {"vocab.txt", VOCABULARY, sizeof VOCABULARY},
        {"ranker.json", RANKER, sizeof RANKER},
    };
    er_arena arena = {.allocator = fuzz_allocator(size)};
    er_error error = {ER_OK, ""};
    er_manifest manifest;
    bool loaded = er_load_manifest(&arena, files, 4, size % 2 == 0, &manifest, &error);
    fuzz_require_error(loaded, &error);
    if (loaded) {
        fuzz_read(manifest.name);
        fuzz_read(manifest.revision);
        fuzz_read(manifest.encoder_revision);
        for (uint32_t i = 0; manifest.task.labels != NULL && i < manifest.task.outputs; i++) {
            fuzz_read(manifest.task.labels[i]);
        }
        fuzz_require(manifest.hidden_size % manifest.attention_heads == 0 && manifest.max_length >= 3);
    }
    er_give_back(&arena);
    return 0;
}
