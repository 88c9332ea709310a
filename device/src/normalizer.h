/* Texts in the form in which the vocabulary spells them: by the rules, in lower case, without accents, symbols resolved. */
#ifndef ER_NORMALIZER_H
#define ER_NORMALIZER_H

#include "tokenizer.h"
#include "vocabulary.h"

typedef struct er_normalizer {
    const er_characters *characters;
    const er_vocabulary *vocabulary; /* of symbols, it knows some */
    er_rules rules;
} er_normalizer;

/* Takes one code point after the other; all blanks are U+0020. */
typedef struct er_sink {
    void (*put)(void *context, uint32_t point);
    void *context;
} er_sink;

/* Normalize the code points of a cleaned text. */
void er_normalize_text(const er_normalizer *normalizer, const uint32_t *points, uint32_t count, er_sink sink);

/* Whether a symbol of a normalized text is a token of its own. */
bool er_is_known_symbol(const er_normalizer *normalizer, uint32_t point, er_property property);

#endif
