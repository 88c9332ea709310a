/* Written by `python -m device.tables`. */
#ifndef ER_CHARACTER_TABLES_H
#define ER_CHARACTER_TABLES_H

#include <stdint.h>

/* Kinds of characters. */
enum {
    ER_REMOVED = 1, /* what BERT's clean-up removes */
    ER_BLANK = 2, /* white space */
    ER_IDEOGRAPH = 4, /* a word of its own */
    ER_MARK = 8, /* nonspacing: an accent */
    ER_PUNCTUATION = 16, /* a word of its own */
    ER_COMPATIBILITY = 32, /* a symbol that decomposes into several letters or digits */
    ER_POWER = 64, /* a superscript digit */
    ER_SYMBOL = 128, /* beyond ASCII */
    ER_UNKNOWABLE = 256, /* a symbol that the service never takes from the vocabulary */
    ER_MEANING = 512, /* a letter, a digit or a distinguishing symbol */
};

enum {
    ER_PROPERTIES = 77,
    ER_RANGES = 2380,
    ER_ORDERS = 55,
    ER_DECOMPOSITIONS = 5722,
    ER_RUNS = 731,
    ER_LETTERS = 4974,
    ER_COMPOSITIONS = 940,
    ER_LOWERCASE_RUNS = 185,
    ER_MOST_LETTERS = 18,
    ER_MOST_TOKENS = 15,
    ER_MOST_CANONICAL_LETTERS = 4,
};

extern const uint8_t er_property_table[231];
extern const uint8_t er_range_table[4850];
extern const uint8_t er_decomposition_table[11386];
extern const uint8_t er_lowercase_table[665];
extern const uint8_t er_entity_table[1742];

#endif
