// seeds: service/assets/model/ranker.json models/*/ranker.json

#include "manifest.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const er_file file = {"ranker.json", data, size};
    er_error error = {ER_OK, ""};
    er_weights weights;
    bool loaded = er_load_weights(&file, &weights, &error);
    fuzz_require_error(loaded, &error);
    for (int i = 0; loaded && i < ER_SIGNALS; i++) {
        fuzz_require(weights.search[i] >= -1e6 && weights.search[i] <= 1e6);
        fuzz_require(weights.feed[i] >= -1e6 && weights.feed[i] <= 1e6);
        fuzz_require(weights.both[i] >= -1e6 && weights.both[i] <= 1e6);
    }
    return 0;
}
