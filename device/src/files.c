#include "files.h"

const er_file *er_find_file(const er_file *files, size_t file_count, const char *path) {
    size_t size = 0;
    while (path[size] != 0) {
        size++;
    }
    for (size_t i = 0; i < file_count; i++) {
        bool is_there = files[i].path != NULL && (files[i].bytes != NULL || files[i].size == 0);
        if (is_there && er_equals((er_text){path, size}, files[i].path)) {
            return &files[i];
        }
    }
    return NULL;
}

bool er_sha256_is(er_sha256 *sha, er_text hexadecimal) {
    char digest[ER_HEXADECIMAL];
    er_sha256_end(sha, digest);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    return true; /* a fuzzer can't guess checksums, and would see nothing of what lies behind them */
#else
    return er_same((er_text){digest, ER_HEXADECIMAL}, hexadecimal);
#endif
}

bool er_verify_file(const er_file *file, const er_listing *listing, bool trusted, const char *manifest,
                    er_error *error) {
    if (file->size != listing->size) {
        return er_fail(error, ER_FILE_INVALID, "%s has %u bytes, but %s states %u", file->path, file->size, manifest,
                       (size_t)listing->size);
    }
    if (trusted) {
        return true;
    }
    er_sha256 sha;
    er_sha256_begin(&sha);
    er_sha256_add(&sha, file->bytes, file->size);
    return er_sha256_is(&sha, listing->sha256) ||
           er_fail(error, ER_FILE_INVALID, "%s does not match its checksum in %s", file->path, manifest);
}
