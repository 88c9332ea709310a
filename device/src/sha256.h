/* SHA-256, of bytes that come piece by piece. */
#ifndef ER_SHA256_H
#define ER_SHA256_H

#include "base.h"

enum { ER_HEXADECIMAL = 64 };

typedef struct er_sha256 {
    uint64_t size; /* bytes so far */
    uint32_t state[8];
    uint8_t block[64]; /* the bytes of the last, incomplete block */
} er_sha256;

void er_sha256_begin(er_sha256 *sha);

void er_sha256_add(er_sha256 *sha, const void *bytes, size_t size);

/* The digest, as 64 hexadecimal digits in lower case without a 0 at the end; `sha` must begin anew after that. */
void er_sha256_end(er_sha256 *sha, char hexadecimal[ER_HEXADECIMAL]);

#endif
