#include "tokenizer.h"

#include "cleaning.h"
#include "compounds.h"
#include "pair_row.h"
#include "repetition.h"
#include "terms.h"
#include "windows.h"
#include "words.h"

enum { LEAST_LENGTH = 3, MOST_LENGTH = 2048, MOST_WINDOWS = 64 };

struct er_tokenizer {
    er_vocabulary vocabulary;
    er_normalizer normalizer;
    er_repetition repetition;
    er_lexicon lexicon;
    uint32_t max_length;
    uint32_t most_words; /* that windows hold */
    uint32_t *points;    /* [ER_MOST_POINTS] of the text that was read last */
    er_cleaned cleaned;
    uint16_t *ids; /* [er_most_ids] */
    uint32_t id_count;
    uint32_t *words; /* [most_words] */
};

er_tokenizer *er_load_tokenizer(er_arena *arena, er_span vocabulary, er_rules rules, uint32_t vocabulary_size,
                                uint32_t max_length, uint32_t most_windows, er_error *error) {
    if (max_length < LEAST_LENGTH || max_length > MOST_LENGTH || most_windows < 1 || most_windows > MOST_WINDOWS) {
        er_fail(error, ER_ARGUMENT, "%u windows of %u tokens cannot be read", (size_t)most_windows, (size_t)max_length);
        return NULL;
    }
    er_tokenizer *loaded = er_take(arena, 1, sizeof(er_tokenizer), error);
    er_characters *characters = loaded == NULL ? NULL : er_load_characters(arena, error);
    if (characters == NULL) {
        return NULL;
    }
    loaded->max_length = max_length;
    loaded->most_words = er_capacity(max_length - 2, most_windows);
    loaded->normalizer = (er_normalizer){characters, &loaded->vocabulary, rules};
    bool is_loaded =
        er_load_vocabulary(&loaded->vocabulary, arena, vocabulary, vocabulary_size, characters, error) &&
        er_load_repetition(&loaded->repetition, arena, vocabulary_size, er_most_ids(rules), error) &&
        er_load_lexicon(&loaded->lexicon, arena, &loaded->vocabulary, loaded->most_words, error) &&
        (loaded->points = er_take(arena, ER_MOST_POINTS, sizeof *loaded->points, error)) != NULL &&
        (loaded->ids = er_take(arena, er_most_ids(rules), sizeof *loaded->ids, error)) != NULL &&
        (loaded->words = er_take(arena, loaded->most_words, sizeof *loaded->words, error)) != NULL;
    return is_loaded ? loaded : NULL;
}

/* Clean a text and split it into `ids`. */
static void read(er_tokenizer *tokenizer, er_text text) {
    tokenizer->cleaned = er_clean(text, tokenizer->points);
    tokenizer->id_count = er_split_text(&tokenizer->normalizer, tokenizer->points, tokenizer->cleaned.count,
                                        tokenizer->cleaned.is_ascii, tokenizer->ids);
}

void er_tokenize(er_tokenizer *tokenizer, er_text text, er_tokenized *tokenized) {
    read(tokenizer, text);
    uint16_t unknown = tokenizer->vocabulary.unknown;
    uint32_t count = er_drop_repetition(&tokenizer->repetition, tokenizer->ids, tokenizer->id_count, unknown,
                                        tokenizer->words, tokenizer->most_words);
    *tokenized = (er_tokenized){.words = tokenizer->words, .count = er_least(count, tokenizer->most_words)};
    tokenized->windows = er_count_windows(tokenized->count, tokenizer->max_length - 2);
    tokenized->truncated = tokenizer->cleaned.cut || tokenized->count < count;
    for (uint32_t at = 0; at < tokenized->count; at++) {
        tokenized->readable |= tokenized->words[at] != unknown;
    }
}

uint32_t er_window(const er_tokenizer *tokenizer, const er_tokenized *tokenized, uint32_t number, uint32_t *ids) {
    uint32_t room = tokenizer->max_length - 2;
    uint32_t count = er_fill_window(tokenized->words, tokenized->count, room, number, ids + 1);
    ids[0] = tokenizer->vocabulary.start;
    ids[1 + count] = tokenizer->vocabulary.end;
    return count + 2;
}

void er_find_terms(er_tokenizer *tokenizer, const er_tokenized *tokenized, er_terms *terms) {
    terms->compound_count =
        er_find_compounds(&tokenizer->normalizer, tokenizer->points, tokenizer->cleaned.count, terms->compounds);
    er_count_words(&tokenizer->lexicon, tokenized->words, tokenized->count, terms);
}

/* ------------------------------------------------------------------ rows */

/* Read a text; its first ids, `most` of them, go into `ids`. */
static uint32_t read_row(er_tokenizer *tokenizer, er_text text, uint32_t *ids, uint32_t most, er_row *row) {
    read(tokenizer, text);
    bool readable = false;
    for (uint32_t at = 0; at < tokenizer->id_count; at++) {
        readable |= tokenizer->ids[at] != tokenizer->vocabulary.unknown;
        if (at < most) {
            ids[at] = tokenizer->ids[at];
        }
    }
    row->readable &= readable;
    row->truncated |= tokenizer->cleaned.cut;
    return tokenizer->id_count;
}

void er_tokenize_row(er_tokenizer *tokenizer, er_text first, er_text second, uint32_t *ids, er_row *row) {
    bool is_pair = second.bytes != NULL;
    uint32_t room = tokenizer->max_length - (is_pair ? 3 : 2);
    *row = (er_row){.readable = true};
    uint32_t counts[2] = {read_row(tokenizer, first, ids + 1, room, row), 0};
    uint32_t all = counts[0];
    ids[0] = tokenizer->vocabulary.start;
    if (is_pair) {
        counts[1] = read_row(tokenizer, second, NULL, 0, row);
        all += counts[1];
        er_share_room(room, counts);
    } else {
        counts[0] = er_least(counts[0], room);
    }
    row->truncated |= counts[0] + counts[1] < all;
    uint32_t next = counts[0] + 1;
    ids[next++] = tokenizer->vocabulary.end;
    row->second = next;
    if (is_pair) {
        for (uint32_t at = 0; at < counts[1]; at++) {
            ids[next++] = tokenizer->ids[at];
        }
        ids[next++] = tokenizer->vocabulary.end;
    }
    row->count = next;
}
