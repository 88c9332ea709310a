/*
 * The words of a text in three bytes each, for lexical signals: a hash of the letters and a rarity, which is read off the
 * vocabulary: its tokens stand in the order of their importance.
 */
#ifndef ER_TERMS_H
#define ER_TERMS_H

#include "vocabulary.h"
#include "tokenizer.h"

/* A distinct word of a text. */
typedef struct er_said {
    uint32_t times;
    uint16_t hash;
    uint8_t rarity;
} er_said;

typedef struct er_lexicon {
    const er_vocabulary *vocabulary;
    double scale; /* what the logarithm of a token's rank is divided by */
    er_said *said;   /* [most words] */
    uint32_t *slots; /* by hash, places in `said`, from 1 on */
    uint32_t mask;
    uint32_t count;
} er_lexicon;

bool er_load_lexicon(er_lexicon *lexicon, er_arena *arena, const er_vocabulary *vocabulary, uint32_t most_words,
                     er_error *error);

/* Fill in the terms of a text, whose compounds are in them, by its token ids. */
void er_count_words(er_lexicon *lexicon, const uint32_t *words, uint32_t count, er_terms *terms);

#endif
