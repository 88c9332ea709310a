/* A vocabulary: `vocab.txt`, whose line numbers are token ids, and which pieces of it a word consists of. */
#ifndef ER_VOCABULARY_H
#define ER_VOCABULARY_H

#include "characters.h"

enum {
    ER_MOST_TOKENS_OF_VOCABULARY = 65535,
    ER_MOST_WORD = 100, /* characters of a word; a longer one is unknown */
};

typedef struct er_token {
    uint32_t start : 30;     /* of its bytes */
    uint32_t continues : 1;  /* `##` and something: part of a word that has begun */
    uint32_t has_meaning : 1; /* has a letter, a digit or a distinguishing symbol, and is not special */
} er_token;

typedef struct er_vocabulary {
    const uint8_t *bytes;
    er_token *tokens; /* [count + 1], each with a line end behind it, so that the one after the last is where that would be */
    uint32_t *slots;  /* by hash: 16 bits of it and id + 1, or 0 */
    uint32_t mask;    /* of a hash */
    uint32_t count;
    uint32_t longest; /* bytes */
    uint16_t pad, unknown, start, end;
} er_vocabulary;

/*
 * Read a vocabulary, whose bytes stay where they are.
 *
 * size     how many tokens the manifest states
 *
 * Returns false with an error if it is not UTF-8, repeats a token, has another size or lacks a special token.
 */
bool er_load_vocabulary(er_vocabulary *vocabulary, er_arena *arena, er_span bytes, uint32_t size,
                        const er_characters *characters, er_error *error);

/* The bytes of a token, and without its `##` if `bare`. */
er_span er_spelling(const er_vocabulary *vocabulary, uint32_t id, bool bare);

/* The id of a token; -1 if there is none. */
int32_t er_find_token(const er_vocabulary *vocabulary, er_span token);

/*
 * Split a word of at most ER_MOST_WORD characters, at least one, by WordPiece: the longest token that it begins with, then
 * the longest of those that may continue it, and so on; or the unknown token. Returns how many of `ids`, one a character
 * at most.
 */
uint32_t er_split_word(const er_vocabulary *vocabulary, er_span word, uint16_t *ids);

#endif
