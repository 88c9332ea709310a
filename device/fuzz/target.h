/*
 * What targets share. A target is a C file with
 *
 *     // seeds: PATTERN PATTERN
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
 *
 * where the patterns name files of the repository to begin with, beside those in corpus/TARGET/. Checksums are not compared
 * while fuzzing.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdlib.h>

#include "base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t pieces_left;

static void *fuzz_allocate(void *context, size_t bytes) {
    (void)context;
    if (pieces_left == 0 || bytes > (size_t)1 << 28) {
        return NULL;
    }
    pieces_left--;
    return malloc(bytes);
}

static void fuzz_release(void *context, void *memory) {
    (void)context;
    free(memory);
}

/* Memory of malloc; of some inputs, by their size, it comes to an end after a few pieces. */
static inline er_allocator fuzz_allocator(size_t size) {
    pieces_left = size % 64 < 16 ? size % 64 : SIZE_MAX;
    return (er_allocator){fuzz_allocate, fuzz_release, NULL};
}

/* Check what has to hold. */
static inline void fuzz_require(bool holds) {
    if (!holds) {
        abort();
    }
}

/* Check that an error is filled in if and only if something failed. */
static inline void fuzz_require_error(bool succeeded, const er_error *error) {
    size_t size = 0;
    while (!succeeded && size < sizeof error->message && error->message[size] != 0) {
        fuzz_require((uint8_t)error->message[size] >= ' ');
        size++;
    }
    fuzz_require(succeeded ? error->status == ER_OK : error->status != ER_OK && size > 0 && size < sizeof error->message);
}

/* Read all of a text, so that a sanitizer sees where it lies. */
static inline void fuzz_read(er_text text) {
    size_t sum = 0;
    for (size_t at = 0; at < text.size; at++) {
        sum += (uint8_t)text.bytes[at];
    }
    fuzz_require(sum <= 255 * text.size);
}

#endif
