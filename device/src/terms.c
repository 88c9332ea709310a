#include "terms.h"

#include "hashes.h"
#include "numbers.h"
#include "utf8.h"

enum { RARITY_SCALE = 170, AMOUNT_RARITY = 170, LONGEST_WORD = 512, TWICE = 2 };

static const double MOST_RARE = 1.5;

/*
 * Share of words that occur for the third time or later, exceeded by at most one text in a hundred of ten kinds: in short
 * texts, and in those of a hundred words and more. What exceeds it by a certain share counts as complete repetition.
 */
static const double USUAL_OF_SHORT = 0.15, USUAL_OF_LONG = 0.4, LONG = 100, MOST_BEYOND = 0.3;

bool er_load_lexicon(er_lexicon *lexicon, er_arena *arena, const er_vocabulary *vocabulary, uint32_t most_words,
                     er_error *error) {
    uint32_t slots = 4;
    while (slots < 2 * most_words) {
        slots *= 2;
    }
    *lexicon = (er_lexicon){.vocabulary = vocabulary, .scale = er_log(er_most(2, vocabulary->count)), .mask = slots - 1};
    lexicon->said = er_take(arena, most_words, sizeof *lexicon->said, error);
    lexicon->slots = er_take(arena, slots, sizeof *lexicon->slots, error);
    return lexicon->said != NULL && lexicon->slots != NULL;
}

/*
 * The hash of a word's letters, `##` of a first token included; beyond the last 511, all letters have the same power.
 */
static uint16_t hash_of(const er_vocabulary *vocabulary, const uint32_t *ids, uint32_t count) {
    uint32_t sum = 0, power = 1, left = 0;
    for (uint32_t at = count; at-- > 0;) {
        er_span spelling = er_spelling(vocabulary, ids[at], at > 0);
        uint32_t polynomial = 0, letters = 0;
        size_t used;
        for (size_t byte = 0; byte < spelling.size; byte += used, letters++) {
            polynomial = er_spell(polynomial, er_read_point(spelling.bytes + byte, spelling.size - byte, &used));
        }
        sum += polynomial * power;
        for (; letters > 0 && left < LONGEST_WORD - 1; letters--, left++) {
            power *= ER_HASH_BASE;
        }
    }
    return er_word_hash(sum);
}

/* The sum of the tokens' rarities; added up in the order of `numpy.add.reduceat`, which adds the first one last. */
static uint8_t rarity_of(const er_lexicon *lexicon, const uint32_t *ids, uint32_t count) {
    double further = 0;
    for (uint32_t at = 1; at < count; at++) {
        further += er_log1p(ids[at]) / lexicon->scale;
    }
    double sum = er_log1p(ids[0]) / lexicon->scale + further;
    return (uint8_t)er_rint((sum < MOST_RARE ? sum : MOST_RARE) * RARITY_SCALE);
}

static void say(er_lexicon *lexicon, const uint32_t *ids, uint32_t count) {
    uint16_t hash = hash_of(lexicon->vocabulary, ids, count);
    uint32_t slot = hash & lexicon->mask;
    for (; lexicon->slots[slot] != 0; slot = (slot + 1) & lexicon->mask) {
        er_said *known = lexicon->said + lexicon->slots[slot] - 1;
        if (known->hash == hash) {
            known->times++;
            return;
        }
    }
    lexicon->said[lexicon->count] = (er_said){1, hash, rarity_of(lexicon, ids, count)};
    lexicon->slots[slot] = ++lexicon->count;
}

/* How far a text's share of repeated words exceeds that of texts of its length, in 255ths. */
static uint32_t repetition_of(const er_said *said, uint32_t count) {
    uint64_t words = 0, all = 0, again = 0;
    for (uint32_t at = 0; at < count; at++) {
        words += said[at].times;
        all += (uint64_t)said[at].rarity * said[at].times;
        again += said[at].times > TWICE ? (uint64_t)said[at].rarity * (said[at].times - TWICE) : 0;
    }
    double share = (double)again / (double)(all > 0 ? all : 1);
    double length = (double)words / LONG;
    double beyond = share - (USUAL_OF_SHORT + (USUAL_OF_LONG - USUAL_OF_SHORT) * (length < 1 ? length : 1));
    double part = (beyond > 0 ? beyond : 0) / MOST_BEYOND;
    return (uint32_t)er_rint(255 * (part < 1 ? part : 1));
}

static void append_compounds(er_terms *terms) {
    for (uint32_t at = 0; at < terms->compound_count; at++) {
        terms->hashes[terms->count] = terms->compounds[at].whole;
        terms->rarities[terms->count++] = terms->compounds[at].part_count > 0 ? 0 : AMOUNT_RARITY;
    }
}

void er_count_words(er_lexicon *lexicon, const uint32_t *words, uint32_t count, er_terms *terms) {
    const er_token *tokens = lexicon->vocabulary->tokens;
    lexicon->count = 0;
    memset(lexicon->slots, 0, ((size_t)lexicon->mask + 1) * sizeof *lexicon->slots);
    for (uint32_t start = 0, end; start < count; start = end) {
        for (end = start + 1; end < count && tokens[words[end]].continues; end++) {
        }
        if (tokens[words[start]].has_meaning) {
            say(lexicon, words + start, end - start);
        }
    }
    terms->repetition = repetition_of(lexicon->said, lexicon->count);
    terms->count = er_least(lexicon->count, ER_MOST_TERMS - terms->compound_count);
    for (uint32_t at = 0; at < terms->count; at++) {
        terms->hashes[at] = lexicon->said[at].hash;
        terms->rarities[at] = lexicon->said[at].rarity;
    }
    append_compounds(terms);
}
