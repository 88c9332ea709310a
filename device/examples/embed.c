/* Read a model's folder and say how alike two texts are: `embed FOLDER "one text" "another"`. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge_rank.h"

static void *allocate(void *context, size_t bytes) {
    (void)context;
    return aligned_alloc(16, (bytes + 15) / 16 * 16);
}

static void release(void *context, void *memory) {
    (void)context;
    free(memory);
}

static er_file read_file(const char *folder, const char *path) {
    char name[4096];
    snprintf(name, sizeof name, "%s/%s", folder, path);
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(size);
    if (bytes == NULL || fread(bytes, 1, size, file) != size) {
        perror(name);
        exit(1);
    }
    fclose(file);
    return (er_file){path, bytes, size};
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: %s FOLDER TEXT TEXT\n", arguments[0]);
        return 2;
    }
    const char *paths[] = {"manifest.json", "onnx/model_int8.onnx", "vocab.txt", "ranker.json"};
    er_file files[4];
    for (int at = 0; at < 4; at++) {
        files[at] = read_file(arguments[1], paths[at]);
    }
    const er_allocator allocator = {allocate, release, NULL};
    er_error error;
    er_model *model = er_load(files, 4, NULL, &allocator, &error);
    if (model == NULL) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const er_model_info info = er_describe(model);
    float *vectors = calloc(2 * (size_t)info.dimension, sizeof *vectors);
    const er_text texts[] = {{arguments[2], strlen(arguments[2])}, {arguments[3], strlen(arguments[3])}};
    er_reading readings[] = {{.vector = vectors}, {.vector = vectors + info.dimension}};
    if (vectors == NULL || er_embed(model, texts, 2, readings, &error) != ER_OK) {
        fprintf(stderr, "the texts can't be read\n");
        return 1;
    }
    double cosine = 0;
    for (uint32_t at = 0; at < info.dimension; at++) {
        cosine += (double)vectors[at] * vectors[info.dimension + at];
    }
    printf("%.*s, %zu bytes of memory: %.4f\n", (int)info.name.size, info.name.bytes, info.memory, cosine);
    er_free(model);
    return 0;
}
