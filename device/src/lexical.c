#include "lexical.h"

#include "numbers.h"

enum {
    TITLE_WORDS = 4,  /* words at the beginning of a text that count as its title */
    USUAL_WORDS = 12, /* words of a text above which its overlap is reduced */
};
static const double LENGTH_WEIGHT = 0.1; /* of the logarithm of the length over USUAL_WORDS */
static const double IDF_SCALE = 170;

bool er_load_overlap(er_overlap *lexicon, er_arena *arena, uint32_t most_candidates, er_error *error) {
    lexicon->frequencies = er_take(arena, ER_HASHES, sizeof *lexicon->frequencies, error);
    lexicon->profile = er_take(arena, ER_HASHES, sizeof *lexicon->profile, error);
    lexicon->idf = er_take(arena, (size_t)most_candidates + 1, sizeof *lexicon->idf, error);
    lexicon->asked = er_take(arena, 1, sizeof *lexicon->asked, error);
    return lexicon->frequencies != NULL && lexicon->profile != NULL && lexicon->idf != NULL && lexicon->asked != NULL;
}

/* The words of a candidate; none if nothing is known of it. */
static er_parts words_of(const er_columns *columns, uint32_t candidate) {
    const er_features *features = columns->candidates[candidate].features;
    er_parts none = {0};
    return features == NULL ? none : er_parts_of(features, columns->dimension);
}

/* The IDF of a word that so many of the candidates have. */
static double idf_among(uint32_t frequency, uint32_t candidates) {
    return er_log1p((double)candidates / er_most(frequency, 1));
}

/* ------------------------------------------------------------ of the query */

/* The slot that has the spellings of a hash, or in which they belong. */
static uint16_t *slot_of(er_asked *asked, uint32_t hash) {
    for (uint32_t slot = hash;; slot++) {
        uint16_t *found = &asked->slots[slot % ER_ASKED_SLOTS];
        if (*found == 0 || asked->spellings[*found - 1].hash == hash) {
            return found;
        }
    }
}

static void add_spelling(er_asked *asked, uint16_t hash, uint16_t word) {
    if (asked->spelling_count < ER_MOST_SPELLINGS) {
        uint16_t *slot = slot_of(asked, hash);
        asked->spellings[asked->spelling_count++] = (er_spelling){hash, word, *slot};
        *slot = (uint16_t)asked->spelling_count;
    }
}

static bool is_part(uint16_t hash, const er_compound *compound) {
    for (uint32_t at = 0; at < compound->part_count; at++) {
        if (compound->parts[at] == hash) {
            return true;
        }
    }
    return false;
}

/* Read the query's words that have an IDF. A part of a compound, `T-shirt`, is also found by the whole, `tshirt`. */
static void read_query(er_asked *asked, const er_terms *terms) {
    memset(asked, 0, sizeof *asked);
    for (uint32_t at = 0; at < terms->count; at++) {
        if (terms->rarities[at] == 0) {
            continue;
        }
        uint16_t word = (uint16_t)asked->count++;
        asked->weights[word] = terms->rarities[at] / IDF_SCALE;
        add_spelling(asked, terms->hashes[at], word);
        for (uint32_t compound = 0; compound < terms->compound_count; compound++) {
            if (is_part(terms->hashes[at], &terms->compounds[compound])) {
                add_spelling(asked, terms->compounds[compound].whole, word);
            }
        }
    }
}

typedef struct found {
    uint16_t word;  /* among those that are asked for */
    uint16_t place; /* in the text */
} found;

/* Find the words of the query in a text, each where it comes first; `mark` differs from that of any text before. */
static uint32_t find(er_asked *asked, const er_parts *parts, uint32_t mark, found *all) {
    uint32_t count = 0;
    for (uint32_t place = 0; place < parts->words; place++) {
        uint16_t spelling = *slot_of(asked, er_hash_at(parts, place));
        while (spelling != 0) {
            er_spelling one = asked->spellings[spelling - 1];
            if (asked->found_in[one.word] != mark) {
                asked->found_in[one.word] = mark;
                all[count++] = (found){one.word, (uint16_t)place};
            }
            spelling = one.next;
        }
    }
    return count;
}

/* Multiply the words' IDF in the language by that among the candidates, and scale the weights to a sum of 1. */
static void weigh_query(er_asked *asked, const er_columns *columns) {
    found all[ER_MOST_TERMS];
    for (uint32_t at = 0; at < columns->count; at++) {
        er_parts parts = words_of(columns, at);
        uint32_t count = find(asked, &parts, at + 1, all);
        for (uint32_t one = 0; one < count; one++) {
            asked->texts[all[one].word]++;
        }
    }
    double total = 0;
    for (uint32_t word = 0; word < asked->count; word++) {
        asked->weights[word] *= idf_among(asked->texts[word], columns->count);
        total += asked->weights[word];
    }
    for (uint32_t word = 0; word < asked->count; word++) {
        asked->weights[word] /= total;
    }
    memset(asked->found_in, 0, sizeof asked->found_in);
}

/* By what the overlap of a text of so many words is divided. */
static double length_of(uint32_t words) {
    return words <= USUAL_WORDS ? 1 : 1 + LENGTH_WEIGHT * er_log(words / (double)USUAL_WORDS);
}

void er_query_overlaps(er_overlap *lexicon, const er_columns *columns, const er_query *query, double *overlap,
                       double *title_overlap) {
    er_set_all(columns, overlap, er_not_known());
    er_set_all(columns, title_overlap, er_not_known());
    er_asked *asked = lexicon->asked;
    if (query == NULL || columns->count == 0) {
        return;
    }
    read_query(asked, &query->terms);
    if (asked->count == 0) {
        return;
    }
    weigh_query(asked, columns);
    found all[ER_MOST_TERMS];
    for (uint32_t at = 0; at < columns->count; at++) {
        if (columns->candidates[at].features == NULL) {
            continue;
        }
        er_parts parts = words_of(columns, at);
        uint32_t count = find(asked, &parts, at + 1, all);
        double in_text = 0, in_title = 0;
        for (uint32_t one = 0; one < count; one++) {
            in_text += asked->weights[all[one].word];
            in_title += all[one].place < TITLE_WORDS ? asked->weights[all[one].word] : 0;
        }
        overlap[at] = in_text / length_of(parts.words);
        title_overlap[at] = in_title / length_of(parts.words);
    }
}

/* ---------------------------------------------------------- of the history */

/* Count the candidates' words, or set their counts back to 0. */
static void count_words(er_overlap *lexicon, const er_columns *columns, bool back) {
    for (uint32_t at = 0; at < columns->count; at++) {
        er_parts parts = words_of(columns, at);
        for (uint32_t word = 0; word < parts.words; word++) {
            uint32_t *frequency = &lexicon->frequencies[er_hash_at(&parts, word)];
            *frequency = back ? 0 : *frequency + 1;
        }
    }
}

/* IDF in the language times IDF among the candidates. */
static double weight_of(er_overlap *lexicon, uint32_t candidates, const er_parts *parts, uint32_t word) {
    uint32_t frequency = lexicon->frequencies[er_hash_at(parts, word)];
    double idf;
    if (frequency > candidates) { /* a text may have a hash several times */
        idf = idf_among(frequency, candidates);
    } else {
        double *computed = &lexicon->idf[frequency];
        *computed = *computed > 0 ? *computed : idf_among(frequency, candidates);
        idf = *computed;
    }
    return parts->rarities[word] / IDF_SCALE * idf;
}

/* The product of a text's words with the profile, over their length. */
static double product_with_profile(er_overlap *lexicon, uint32_t candidates, const er_parts *parts) {
    double product = 0, square = 0;
    for (uint32_t word = 0; word < parts->words; word++) {
        double weight = weight_of(lexicon, candidates, parts, word);
        product += weight * lexicon->profile[er_hash_at(parts, word)];
        square += weight * weight;
    }
    return square > 0 ? product / __builtin_sqrt(square) : product;
}

/* Add the words of a liked item to the profile. */
static void add_to_profile(er_overlap *lexicon, uint32_t candidates, const er_parts *parts, double share) {
    double square = 0;
    for (uint32_t word = 0; word < parts->words; word++) {
        double weight = weight_of(lexicon, candidates, parts, word);
        square += weight * weight;
    }
    double scale = square > 0 ? share / __builtin_sqrt(square) : share;
    for (uint32_t word = 0; word < parts->words; word++) {
        lexicon->profile[er_hash_at(parts, word)] += (float)(weight_of(lexicon, candidates, parts, word) * scale);
    }
}

static void clear_profile(er_overlap *lexicon, const er_parts *parts) {
    for (uint32_t word = 0; word < parts->words; word++) {
        lexicon->profile[er_hash_at(parts, word)] = 0;
    }
}

void er_history_overlap(er_overlap *lexicon, const er_columns *columns, const er_features *const *liked,
                        const double *shares, uint32_t liked_count, double *overlap) {
    uint32_t words = 0, dimension = columns->dimension;
    for (uint32_t at = 0; at < liked_count; at++) {
        words += er_parts_of(liked[at], dimension).words;
    }
    er_set_all(columns, overlap, er_not_known());
    if (words == 0) {
        return;
    }
    memset(lexicon->idf, 0, (columns->count + (size_t)1) * sizeof *lexicon->idf);
    count_words(lexicon, columns, false);
    for (uint32_t at = 0; at < liked_count; at++) {
        er_parts parts = er_parts_of(liked[at], dimension);
        add_to_profile(lexicon, columns->count, &parts, shares[at]);
    }
    for (uint32_t at = 0; at < columns->count; at++) {
        if (columns->candidates[at].features != NULL) {
            er_parts parts = words_of(columns, at);
            overlap[at] = product_with_profile(lexicon, columns->count, &parts);
        }
    }
    count_words(lexicon, columns, true);
    for (uint32_t at = 0; at < liked_count; at++) {
        er_parts parts = er_parts_of(liked[at], dimension);
        clear_profile(lexicon, &parts);
    }
}
