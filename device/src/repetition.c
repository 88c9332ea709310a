#include "repetition.h"

enum { LEAST_LONG = 8, PHRASE = 2, TITLE = 3, WORD_BITS = 32, DISTINCT = 0x10000 };

/* The tokens of a text, of which those before `end` are looked at. */
typedef struct phrases {
    const uint16_t *ids;
    uint32_t end;
    uint16_t unknown;
    uint32_t *last;
    uint32_t *kept;
    uint32_t kept_count;
    uint32_t kept_end; /* behind the last token that is kept */
    uint32_t only;     /* where the phrase begins that was removed first, and its length; 0 if none was */
    uint32_t only_length;
} phrases;

bool er_load_repetition(er_repetition *repetition, er_arena *arena, uint32_t vocabulary_size, uint32_t most_ids,
                        er_error *error) {
    repetition->last = er_take(arena, vocabulary_size, sizeof *repetition->last, error);
    repetition->kept = er_take(arena, most_ids / WORD_BITS + 1, sizeof *repetition->kept, error);
    return repetition->last != NULL && repetition->kept != NULL;
}

/* A number for each token, the same for equals. */
static uint32_t value_at(const phrases *of, uint32_t place) {
    return of->ids[place] == of->unknown ? DISTINCT + place : of->ids[place];
}

/* Whether `length` tokens that equal those `period` before are a repeated phrase. */
static bool repeats(uint32_t length, uint32_t period) {
    return period > 0 && length >= (period >= LEAST_LONG ? 1u : 2u) * period;
}

/* ------------------------------------------------------------------ period of a whole text */

/*
 * Where the greatest of all ends of a text begins, in the order of tokens or, `reversed`, in its opposite, and the period
 * of that end.
 */
static uint32_t greatest_end(const phrases *of, bool reversed, uint32_t *period) {
    uint32_t start = 0, rival = 1, same = 0;
    *period = 1;
    while (rival + same < of->end) {
        uint32_t one = value_at(of, rival + same), other = value_at(of, start + same);
        if (one == other) {
            same++;
            if (same == *period) {
                rival += *period;
                same = 0;
            }
        } else if ((one < other) != reversed) {
            rival += same + 1;
            same = 0;
            *period = rival - start;
        } else {
            start = rival++;
            same = 0;
            *period = 1;
        }
    }
    return start;
}

/*
 * The period of a text that repeats one phrase, in tokens; its length if it does not. By a critical factorisation (Crochemore
 * and Perrin, Two-way string-matching, 1991), which finds all periods up to a half of the length, and needs no memory.
 */
static uint32_t period_of(const phrases *of) {
    uint32_t place = 1;
    while (place < of->end && value_at(of, place) != value_at(of, 0)) {
        place++;
    }
    if (place >= of->end) {
        return of->end;
    }
    uint32_t period, other_period;
    uint32_t start = greatest_end(of, false, &period), other = greatest_end(of, true, &other_period);
    if (other > start) {
        start = other;
        period = other_period;
    }
    if (!repeats(of->end - period, period)) {
        return of->end;
    }
    for (uint32_t at = 0; at < start; at++) {
        if (at + period >= of->end || value_at(of, at) != value_at(of, at + period)) {
            return of->end;
        }
    }
    return period;
}

/* ------------------------------------------------------------------ phrases within a text */

static bool is_kept(const phrases *of, uint32_t place) { return of->kept[place / WORD_BITS] >> place % WORD_BITS & 1; }

/* The last token before `place` that is kept; `place` is behind the first. */
static uint32_t kept_before(const phrases *of, uint32_t place) {
    do {
        place--;
        if (place % WORD_BITS == WORD_BITS - 1) {
            while (of->kept[place / WORD_BITS] == 0) {
                place -= WORD_BITS;
            }
        }
    } while (!is_kept(of, place));
    return place;
}

static void keep(phrases *of, uint32_t start, uint32_t end) {
    for (uint32_t at = start; at < end; at++) {
        of->kept[at / WORD_BITS] |= 1u << at % WORD_BITS;
    }
    of->kept_count += end - start;
    of->kept_end = end > start ? end : of->kept_end;
}

/* Whether the last tokens that are kept are the `period` tokens before `start`. */
static bool ends_with(const phrases *of, uint32_t start, uint32_t period) {
    if (of->kept_count < period) {
        return false;
    }
    uint32_t place = of->kept_end;
    for (uint32_t back = 1; back <= period; back++) {
        place = kept_before(of, place);
        if (value_at(of, place) != value_at(of, start - back)) {
            return false;
        }
    }
    return true;
}

/* Drop the last tokens that are kept. */
static void drop_last(phrases *of, uint32_t start, uint32_t period) {
    if (of->only_length == 0) {
        of->only = start - period;
        of->only_length = period;
    }
    uint32_t place = of->kept_end;
    for (uint32_t back = 0; back < period; back++) {
        place = kept_before(of, place);
        of->kept[place / WORD_BITS] &= ~(1u << place % WORD_BITS);
    }
    of->kept_count -= period;
    of->kept_end = of->kept_count > 0 ? kept_before(of, place) + 1 : 0;
}

/* Keep or drop the tokens from `start` to `end`, each of which equals the one `period` before. */
static void end_run(phrases *of, uint32_t start, uint32_t end, uint32_t period) {
    if (!repeats(end - start, period)) {
        keep(of, start, end);
    } else if (end - start >= (start == period ? TITLE : PHRASE) * period && ends_with(of, start, period)) {
        drop_last(of, start, period);
    }
}

static void find_phrases(phrases *of) {
    uint32_t start = 0, period = 0;
    for (uint32_t place = 0; place <= of->end; place++) {
        bool goes_on = place < of->end && period > 0 && value_at(of, place - period) == value_at(of, place);
        if (!goes_on) {
            end_run(of, start, place, period);
            if (place == of->end) {
                break;
            }
            uint32_t last = of->ids[place] == of->unknown ? 0 : of->last[of->ids[place]];
            start = place;
            period = last > 0 ? place - (last - 1) : 0;
        }
        of->last[of->ids[place]] = place + 1;
    }
    for (uint32_t place = 0; place < of->end; place++) {
        of->last[of->ids[place]] = 0;
    }
}

uint32_t er_drop_repetition(er_repetition *repetition, const uint16_t *ids, uint32_t count, uint16_t unknown,
                            uint32_t *words, uint32_t most) {
    phrases found = {.ids = ids, .end = count, .unknown = unknown, .last = repetition->last, .kept = repetition->kept};
    found.end = period_of(&found);
    memset(found.kept, 0, (found.end / WORD_BITS + 1) * sizeof *found.kept);
    find_phrases(&found);
    uint32_t taken = 0;
    if (found.kept_count == 0) { /* only phrases that were removed: the first of them stays */
        for (; taken < er_least(found.only_length, most); taken++) {
            words[taken] = ids[found.only + taken];
        }
        return found.only_length;
    }
    for (uint32_t place = 0; place < found.kept_end && taken < most; place++) {
        if (is_kept(&found, place)) {
            words[taken++] = ids[place];
        }
    }
    return found.kept_count;
}
