/*
 * Lexical signals: overlap of a candidate's words with those of the query, or of liked items. Words are compared by their
 * 16-bit hashes.
 */
#ifndef ER_LEXICAL_H
#define ER_LEXICAL_H

#include "columns.h"

enum { ER_HASHES = 1 << 16, ER_ASKED_SLOTS = 1024, ER_MOST_SPELLINGS = 640 };

/* One of the hashes by which a word of the query is found. */
typedef struct er_spelling {
    uint16_t hash;
    uint16_t word; /* among those that are asked for */
    uint16_t next; /* the next spelling of this hash + 1; 0: none */
} er_spelling;

/* The words of a query. */
typedef struct er_asked {
    uint32_t count;
    uint32_t spelling_count;
    double weights[ER_MOST_TERMS];   /* [count] of sum 1 */
    uint32_t texts[ER_MOST_TERMS];   /* [count] that have the word */
    uint32_t found_in[ER_MOST_TERMS]; /* [count] the text in which it was found last, from 1 */
    er_spelling spellings[ER_MOST_SPELLINGS];
    uint16_t slots[ER_ASKED_SLOTS]; /* a spelling + 1, or 0: a hash table with linear probing */
} er_asked;

/* Memory for these signals; all of `frequencies` and `profile` is 0 between two rankings. */
typedef struct er_overlap {
    uint32_t *frequencies; /* [ER_HASHES] of words among the candidates */
    float *profile;        /* [ER_HASHES] the weights of liked words */
    double *idf;           /* [candidates + 1] by frequency; 0: not yet computed */
    er_asked *asked;
} er_overlap;

bool er_load_overlap(er_overlap *lexicon, er_arena *arena, uint32_t most_candidates, er_error *error);

/*
 * The share of the query's words in a candidate's text, and in its title, the first words: `[count]`, 0 to 1.
 *
 * A word's weight is its IDF in the language times its IDF among the candidates. Long texts contain more words by chance,
 * so that theirs count a little less. NaN where the text is not known, and everywhere if the query has no words.
 */
void er_query_overlaps(er_overlap *lexicon, const er_columns *columns, const er_query *query, double *overlap,
                       double *title_overlap);

/*
 * The TF-IDF cosine of a candidate's words with those of liked items: `[count]`, 0 to 1.
 *
 * `shares` `[liked_count]` is how much each item counts, of sum 1. NaN where the text is not known, and everywhere if
 * nothing was liked, or nothing that has words.
 */
void er_history_overlap(er_overlap *lexicon, const er_columns *columns, const er_features *const *liked,
                        const double *shares, uint32_t liked_count, double *overlap);

#endif
