/* What a query and an item's features look like in memory. */
#ifndef ER_QUERY_H
#define ER_QUERY_H

#include "tokenizer.h"

/* `vector` has as many numbers as the model's vectors. */
struct er_query {
    er_terms terms;
    float vector[];
};

/* Views of the parts of er_features (see edge_rank.h); the features are valid ones of the dimension. */
typedef struct er_parts {
    const int8_t *codes;  /* [windows][dimension] */
    const uint8_t *hashes; /* [words] uint16, little-endian, not aligned */
    const uint8_t *rarities; /* [words] */
    uint32_t windows;
    uint32_t words;
    uint32_t repetition; /* in 255ths */
} er_parts;

static inline er_parts er_parts_of(const er_features *features, uint32_t dimension) {
    const uint8_t *bytes = (const uint8_t *)features;
    er_parts parts = {.windows = bytes[0], .words = bytes[1], .repetition = bytes[2]};
    parts.codes = (const int8_t *)(bytes + 4);
    parts.hashes = bytes + 4 + (size_t)parts.windows * dimension;
    parts.rarities = parts.hashes + (size_t)2 * parts.words;
    return parts;
}

static inline uint16_t er_hash_at(const er_parts *parts, uint32_t word) {
    return (uint16_t)(parts->hashes[2 * word] | parts->hashes[2 * word + 1] << 8);
}

#endif
