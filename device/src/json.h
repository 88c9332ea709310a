/*
 * JSON (RFC 8259), read where it lies: a text is checked once, and then walked by the places of its values, without a
 * tree and without memory. On a text that was not checked, functions answer nonsense, but stay within it and end.
 */
#ifndef ER_JSON_H
#define ER_JSON_H

#include "decimal.h"

enum { ER_JSON_DEEPEST = 64, ER_JSON_LONGEST_NUMBER = ER_LONGEST_DECIMAL };

typedef enum er_json_kind {
    ER_JSON_NOTHING, /* no value begins here */
    ER_JSON_OBJECT,
    ER_JSON_ARRAY,
    ER_JSON_STRING,
    ER_JSON_NUMBER,
    ER_JSON_TRUE,
    ER_JSON_FALSE,
    ER_JSON_NULL,
} er_json_kind;

/*
 * Whether bytes are one value and nothing else: UTF-8 without a byte order mark, escapes without lone surrogates, at
 * most ER_JSON_DEEPEST values in each other, numbers of at most ER_JSON_LONGEST_NUMBER characters. `wrong` is where
 * they stop being that.
 */
bool er_json_check(const er_span *text, size_t *wrong);

/* Where the value begins that the text is. */
size_t er_json_root(const er_span *text);

er_json_kind er_json_kind_at(const er_span *text, size_t at);

/* Where the value ends that begins at `at`. */
size_t er_json_end(const er_span *text, size_t at);

/* The members of an object or the elements of an array, one after the other. */
typedef struct er_json_items {
    const er_span *text;
    size_t next;  /* where to go on looking */
    size_t key;   /* of a member, where its name begins; of an element, `value` */
    size_t value; /* where it begins */
    bool keyed;
} er_json_items;

er_json_items er_json_items_at(const er_span *text, size_t at);

/* Go to the first or to the next one; false: there is none. */
bool er_json_next(er_json_items *items);

/* The characters of a string, one after the other. */
typedef struct er_json_letters {
    const uint8_t *next;
    const uint8_t *end;
} er_json_letters;

er_json_letters er_json_letters_at(const er_span *text, size_t at);

/* The next character, escapes resolved; false: the string has ended. */
bool er_json_letter(er_json_letters *letters, uint32_t *letter);

/* Write a character as UTF-8; returns where it ends, 4 bytes on at most. */
char *er_json_put(char *to, uint32_t letter);

/* Whether a string is this one. */
bool er_json_is(const er_span *text, size_t at, const char *ascii);

/* A string as UTF-8, with a 0 behind it, in memory of the arena; `bytes` is NULL, with an error, if there is none. */
er_text er_json_take(er_arena *arena, const er_span *text, size_t at, er_error *error);

/* Whether a number has neither a fraction nor an exponent. */
bool er_json_is_integer(const er_span *text, size_t at);

/* A number as the nearest double, of two that are equally near the even one; infinite beyond the range. */
double er_json_number(const er_span *text, size_t at);

#endif
