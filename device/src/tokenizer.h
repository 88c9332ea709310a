/*
 * BERT's tokenizer by an artifact's vocabulary and rules, exactly as the service splits texts (service/text/): clean-up,
 * words, tokens, windows of long texts, rows of pairs, and the terms of lexical signals.
 */
#ifndef ER_TOKENIZER_H
#define ER_TOKENIZER_H

#include "base.h"

enum { ER_MOST_TERMS = 255, ER_MOST_COMPOUNDS = 8, ER_MOST_PARTS = 33 };

/* How a text is split before the vocabulary applies: `tokenizer` of manifest.json. */
typedef struct er_rules {
    bool lowercase;
    bool strip_accents;
    uint32_t version; /* 1 or 2 */
} er_rules;

typedef struct er_tokenizer er_tokenizer;

/* What the tokenizer made of a text; valid until the next text. */
typedef struct er_tokenized {
    const uint32_t *words; /* [count] token ids as far as the windows hold them, without special ones */
    uint32_t count;
    uint32_t windows; /* 1 at least */
    bool truncated;   /* whether the windows do not hold all of it */
    bool readable;    /* whether the vocabulary knows any token of it */
} er_tokenized;

/* A word of several parts, `T-shirt`, or an amount, `£20`, which has no parts. By hashes. */
typedef struct er_compound {
    uint16_t whole;
    uint16_t part_count;
    uint16_t parts[ER_MOST_PARTS];
} er_compound;

/* The distinct words of a text in the order in which they first come, then its compounds. */
typedef struct er_terms {
    uint32_t count;
    uint32_t compound_count;
    uint32_t repetition; /* in 255ths */
    uint16_t hashes[ER_MOST_TERMS];
    uint8_t rarities[ER_MOST_TERMS]; /* in units of 1 / 170 */
    er_compound compounds[ER_MOST_COMPOUNDS];
} er_terms;

/* One or two texts as BERT reads them jointly. */
typedef struct er_row {
    uint32_t count;  /* of token ids, special ones included: max_length at most */
    uint32_t second; /* where the second text begins; `count` if there is none */
    bool truncated;
    bool readable; /* whether the vocabulary knows a token of each text */
} er_row;

/*
 * Read a vocabulary, a token a line; `vocabulary` stays where it is. What all later calls need is allocated here.
 *
 * Returns NULL with an error if it is not UTF-8, repeats a token, has not `vocabulary_size` of them or lacks a special one.
 */
er_tokenizer *er_load_tokenizer(er_arena *arena, er_span vocabulary, er_rules rules, uint32_t vocabulary_size,
                                uint32_t max_length, uint32_t most_windows, er_error *error);

void er_tokenize(er_tokenizer *tokenizer, er_text text, er_tokenized *tokenized);

/* The token ids of a window, special ones included, into `ids` `[max_length]`; returns how many. */
uint32_t er_window(const er_tokenizer *tokenizer, const er_tokenized *tokenized, uint32_t number, uint32_t *ids);

/* The terms of the text that was tokenized last. */
void er_find_terms(er_tokenizer *tokenizer, const er_tokenized *tokenized, er_terms *terms);

/* Tokenize a text, or a pair if `second.bytes` is not NULL, to one row, without windows: `ids` is `[max_length]`. */
void er_tokenize_row(er_tokenizer *tokenizer, er_text first, er_text second, uint32_t *ids, er_row *row);

#endif
