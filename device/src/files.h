/* The files that an app hands over. */
#ifndef ER_FILES_H
#define ER_FILES_H

#include "sha256.h"

#define ER_MANIFEST_FILE "manifest.json"
#define ER_MODEL_FILE "onnx/model_int8.onnx"
#define ER_VOCABULARY_FILE "vocab.txt"
#define ER_RANKER_FILE "ranker.json"
#define ER_HEAD_FILE "head.json"
#define ER_WEIGHTS_FILE "weights.bin"
#define ER_ADAPTERS_FILE "adapters.bin"

/* What a manifest says of a file. */
typedef struct er_listing {
    er_text path;
    er_text sha256; /* hexadecimal, in lower case */
    uint32_t size;
    bool device; /* whether a device needs it */
} er_listing;

/* The file of a path; NULL if there is none. */
const er_file *er_find_file(const er_file *files, size_t file_count, const char *path);

/* End a checksum: whether it is the one that is stated. */
bool er_sha256_is(er_sha256 *sha, er_text hexadecimal);

/* Whether a file has the size and, unless `trusted`, the checksum that `manifest`, a path, states. */
bool er_verify_file(const er_file *file, const er_listing *listing, bool trusted, const char *manifest,
                    er_error *error);

#endif
