#include "compounds.h"

#include "amounts.h"
#include "hashes.h"

enum { LONGEST = 64 }; /* characters */

/* A compound's letters, as they are normalized. */
typedef struct speller {
    uint32_t whole; /* polynomials */
    uint32_t part;
    er_compound *compound;
} speller;

static bool is_digit(uint32_t point) { return point - '0' < 10; }

static bool is_latin(uint32_t point) {
    return (point | 0x20) - 'a' < 26 || (point >= 0xC0 && point <= 0x24F && point != 0xD7 && point != 0xF7);
}

static bool is_of_word(uint32_t point) { return is_latin(point) || is_digit(point); }

static bool is_hyphen_or_apostrophe(uint32_t point) {
    return point == '-' || point == 0x2010 || point == 0x2011 || point == '\'' || point == 0x2019;
}

static bool is_joint(uint32_t point) {
    return is_hyphen_or_apostrophe(point) || point == '.' || point == '&' || point == ',';
}

/* Whether a joint is at `at`, behind a letter or digit. */
static bool joins(const uint32_t *points, uint32_t count, uint32_t at) {
    if (at + 1 >= count || !is_of_word(points[at + 1])) {
        return false;
    }
    if (points[at] == '.' || points[at] == '&') {
        return is_latin(points[at - 1]) && is_latin(points[at + 1]);
    }
    if (points[at] != ',') {
        return is_hyphen_or_apostrophe(points[at]);
    }
    uint32_t digits = 0;
    while (digits < 4 && at + 1 + digits < count && is_digit(points[at + 1 + digits])) {
        digits++;
    }
    return is_digit(points[at - 1]) && digits == 3;
}

static uint32_t end_of_word(const uint32_t *points, uint32_t count, uint32_t at) {
    while (at < count && is_of_word(points[at])) {
        at++;
    }
    return at;
}

static void end_part(speller *to) {
    if (to->compound->part_count < ER_MOST_PARTS) {
        to->compound->parts[to->compound->part_count++] = er_word_hash(to->part);
    }
    to->part = 0;
}

static void put(void *context, uint32_t point) {
    speller *to = context;
    if (is_joint(point)) {
        end_part(to);
    } else if (point != ' ') { /* rules of version 2 put one before a text */
        to->whole = er_spell(to->whole, point);
        to->part = er_spell(to->part, point);
    }
}

static void spell(const er_normalizer *normalizer, const uint32_t *points, uint32_t count, er_compound *compound) {
    compound->part_count = 0;
    speller to = {.compound = compound};
    er_normalize_text(normalizer, points, count, (er_sink){put, &to});
    end_part(&to);
    compound->whole = er_word_hash(to.whole);
}

static bool is_among(const er_compound *compounds, uint32_t count, const er_compound *one) {
    for (uint32_t place = 0; place < count; place++) {
        const er_compound *other = compounds + place;
        if (other->whole == one->whole && other->part_count == one->part_count &&
            memcmp(other->parts, one->parts, one->part_count * sizeof *one->parts) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t er_find_compounds(const er_normalizer *normalizer, const uint32_t *points, uint32_t count,
                           er_compound *compounds) {
    uint32_t found = 0, seen = 0;
    uint16_t amount;
    for (uint32_t at = 0; found < ER_MOST_COMPOUNDS && er_next_amount(points, count, &at, &amount);) {
        compounds[found] = (er_compound){.whole = amount};
        found += !is_among(compounds, found, compounds + found);
    }
    for (uint32_t at = 0; at < count && found < ER_MOST_COMPOUNDS && seen < ER_MOST_COMPOUNDS;) {
        uint32_t start = at, end = end_of_word(points, count, at);
        bool is_compound = false;
        while (end > start && end < count && joins(points, count, end)) {
            end = end_of_word(points, count, end + 1);
            is_compound = true;
        }
        at = end > start ? end : start + 1;
        seen += is_compound;
        if (is_compound && end - start <= LONGEST) {
            spell(normalizer, points + start, end - start, compounds + found);
            found += !is_among(compounds, found, compounds + found);
        }
    }
    return found;
}
