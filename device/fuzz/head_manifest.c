// seeds: models/*-heads/*/head.json models/*-packs/*/head.json

#include "manifest.h"
#include "target.h"

/* The other files are as large as the manifest of corpus/head_manifest/small.json states. */
static const uint8_t WEIGHTS[60], ADAPTERS[64];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const er_file files[] = {
        {"head.json", data, size},
        {"weights.bin", WEIGHTS, sizeof WEIGHTS},
        {"adapters.bin", ADAPTERS, sizeof ADAPTERS},
    };
    er_arena arena = {.allocator = fuzz_allocator(size)};
    er_error error = {ER_OK, ""};
    er_head_manifest manifest;
    bool loaded = er_load_head_manifest(&arena, files, 3, &manifest, &error);
    fuzz_require_error(loaded, &error);
    if (loaded) {
        fuzz_read(manifest.name);
        fuzz_read(manifest.revision);
        fuzz_read(manifest.backbone_revision);
        fuzz_read(manifest.backbone_encoder_revision);
        fuzz_require(manifest.task.outputs >= 2 && manifest.width >= 1 && manifest.rank <= 64);
        for (uint32_t i = 0; i < manifest.task.outputs; i++) {
            fuzz_read(manifest.task.labels[i]);
        }
    }
    er_give_back(&arena);
    return 0;
}
