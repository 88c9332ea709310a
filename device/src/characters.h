/*
 * Characters as `tokenizers` knows them: their kinds, decompositions and compositions by Unicode 9, and lower case. The
 * tables are decoded into memory on loading.
 */
#ifndef ER_CHARACTERS_H
#define ER_CHARACTERS_H

#include "base.h"
#include "character_tables.h"

typedef struct er_characters er_characters;

typedef struct er_property {
    uint16_t kinds; /* of ER_REMOVED and its like */
    uint8_t order;  /* of a mark among others behind a letter: its canonical combining class, by its place; 0: no mark */
} er_property;

typedef enum er_form { ER_NFD, ER_NFKD } er_form;

er_characters *er_load_characters(er_arena *arena, er_error *error);

er_property er_property_of(const er_characters *characters, uint32_t point);

/* The letters of a code point, itself if it has no others, in their order; returns how many. */
uint32_t er_decompose(const er_characters *characters, er_form form, uint32_t point, uint32_t letters[ER_MOST_LETTERS]);

/* The composition of two; 0 if there is none. */
uint32_t er_compose(const er_characters *characters, uint32_t first, uint32_t second);

/* The lower case of a code point, itself if it has none. That of U+0130 is two, `i` and U+0307, and not given here. */
uint32_t er_lowercase(const er_characters *characters, uint32_t point);

#endif
