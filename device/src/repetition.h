/* Repeated phrases, which are removed from a text's tokens. */
#ifndef ER_REPETITION_H
#define ER_REPETITION_H

#include "base.h"

typedef struct er_repetition {
    uint32_t *last; /* [vocabulary size] one more than where a token came last; 0 if it did not */
    uint32_t *kept; /* [most tokens / 32 + 1] bits: which tokens are kept */
} er_repetition;

bool er_load_repetition(er_repetition *repetition, er_arena *arena, uint32_t vocabulary_size, uint32_t most_ids,
                        er_error *error);

/*
 * Copy the tokens that are kept into `words`, the first `most` of them; returns how many are kept in all.
 *
 * A text that repeats one phrase is reduced to that phrase, and so is a long phrase that comes twice in a row. A phrase
 * that comes three times in a row, or four times at the beginning, where titles such as "Tora! Tora! Tora!" are, is keyword
 * spam, and removed entirely. Occurrences of the unknown token never count as equal.
 */
uint32_t er_drop_repetition(er_repetition *repetition, const uint16_t *ids, uint32_t count, uint16_t unknown,
                            uint32_t *words, uint32_t most);

#endif
