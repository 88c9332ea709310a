#include "characters.h"

enum {
    PAGE_BITS = 7,
    PAGES = 0x20000 >> PAGE_BITS, /* what is beyond is one page */
    POINT_SHIFT = 11,             /* of a key: a code point, and facts about it */
    FACTS = (1 << POINT_SHIFT) - 1,
    LENGTH = 31, /* facts about a decomposition */
    CANONICAL = 32,
    COMPOSES = 64,
    SLOTS = 2048, /* more than twice ER_COMPOSITIONS */
    NO_FORMS_BELOW = 0xA0, /* no decomposition */
    NO_SECOND_BELOW = 0x300, /* never the second letter of a composition */
};

enum { LISTED, RISING, SAME };

/* Hangul, whose syllables are counted through. */
enum {
    LEADS = 0x1100,
    VOWELS = 0x1161,
    TAILS = 0x11A7, /* one before the first */
    SYLLABLES = 0xAC00,
    LEAD_COUNT = 19,
    VOWEL_COUNT = 21,
    TAIL_COUNT = 28,
    SYLLABLE_COUNT = LEAD_COUNT * VOWEL_COUNT * TAIL_COUNT,
};

/* Where to begin to search for a code point's key. */
typedef struct pages {
    uint16_t first[PAGES + 2];
} pages;

struct er_characters {
    er_property properties[ER_PROPERTIES];
    uint32_t ranges[ER_RANGES + 1]; /* keys: where a property begins, and which */
    uint32_t decompositions[ER_DECOMPOSITIONS];
    uint32_t decomposed[ER_DECOMPOSITIONS]; /* the letter, or where the letters are */
    uint32_t letters[ER_LETTERS];
    uint32_t lowercase[ER_LOWERCASE_RUNS]; /* keys: where a run begins, its length, and 1 if it is every other one */
    int32_t distances[ER_LOWERCASE_RUNS];
    uint16_t compositions[SLOTS]; /* places of decompositions, from 1 on */
    pages range_pages;
    pages decomposition_pages;
    pages lowercase_pages;
};

/* ------------------------------------------------------------------ loading */

static uint32_t read_number(const uint8_t **at) {
    const uint8_t *code = *at;
    if (code[0] < 0x80) {
        *at += 1;
        return code[0];
    }
    if (code[0] < 0xF0) {
        *at += 2;
        return 0x80 + ((code[0] & 0x7Fu) << 8 | code[1]);
    }
    *at += 3;
    return 0x7080 + ((code[0] & 0xFu) << 16 | (uint32_t)code[1] << 8 | code[2]);
}

static int32_t read_signed(const uint8_t **at) {
    uint32_t number = read_number(at);
    return number & 1 ? -(int32_t)(number >> 1) - 1 : (int32_t)(number >> 1);
}

static uint32_t page_of(uint32_t point) { return er_least(point >> PAGE_BITS, PAGES); }

static void find_pages(pages *found, const uint32_t *keys, uint32_t count) {
    uint32_t page = 0;
    for (uint32_t at = 0; at < count; at++) {
        for (uint32_t of = page_of(keys[at] >> POINT_SHIFT); page <= of; page++) {
            found->first[page] = (uint16_t)at;
        }
    }
    for (; page < PAGES + 2; page++) {
        found->first[page] = (uint16_t)count;
    }
}

static void load_properties(er_characters *to) {
    for (uint32_t place = 0; place < ER_PROPERTIES; place++) {
        const uint8_t *from = er_property_table + 3 * place;
        to->properties[place] = (er_property){(uint16_t)(from[0] | from[1] << 8), from[2]};
    }
    const uint8_t *at = er_range_table;
    uint32_t point = 0;
    for (uint32_t place = 1; place <= ER_RANGES; place++) { /* the one before the first has property 0 */
        point += read_number(&at);
        to->ranges[place] = point << POINT_SHIFT | *at++;
    }
    find_pages(&to->range_pages, to->ranges, ER_RANGES + 1);
}

/* The letters of one decomposition, given by what they differ from those `before`. */
static uint32_t load_letters(er_characters *to, uint32_t length, uint32_t *next, uint32_t *before, const uint8_t **at) {
    for (uint32_t place = 0; place < length; place++) {
        before[place] += (uint32_t)read_signed(at);
    }
    if (length == 1) {
        return before[0];
    }
    memcpy(to->letters + *next, before, length * sizeof *before);
    *next += length;
    return *next - length;
}

static void load_decompositions(er_characters *to) {
    const uint8_t *at = er_decomposition_table;
    uint32_t point = 0, count = 0, next = 0;
    uint32_t before[LENGTH + 1] = {0};
    for (uint32_t run = 0; run < ER_RUNS; run++) {
        point += read_number(&at);
        uint32_t facts = *at++, shape = read_number(&at), length = facts & LENGTH;
        uint32_t value = 0;
        for (uint32_t left = shape / 3 + 1, mode = shape % 3; left > 0; left--, point++, count++) {
            if (mode == LISTED || left == shape / 3 + 1) {
                value = load_letters(to, length, &next, before, &at);
            } else if (mode == RISING && length == 1) {
                value++;
            } else if (mode == RISING || length > 1) {
                memcpy(to->letters + next, to->letters + value, length * sizeof *before);
                value = next;
                next += length;
                to->letters[next - 1] += mode == RISING;
            }
            to->decompositions[count] = point << POINT_SHIFT | facts;
            to->decomposed[count] = value;
        }
    }
    find_pages(&to->decomposition_pages, to->decompositions, ER_DECOMPOSITIONS);
}

static uint32_t slot_of(uint32_t first, uint32_t second) { return ((first * 0x9E3779B1u) ^ (second * 0x85EBCA6Bu)) >> 21; }

static void load_compositions(er_characters *to) {
    for (uint32_t place = 0; place < ER_DECOMPOSITIONS; place++) {
        if (to->decompositions[place] & COMPOSES) {
            const uint32_t *pair = to->letters + to->decomposed[place];
            uint32_t slot = slot_of(pair[0], pair[1]);
            while (to->compositions[slot] != 0) {
                slot = (slot + 1) % SLOTS;
            }
            to->compositions[slot] = (uint16_t)(place + 1);
        }
    }
}

static void load_lowercase(er_characters *to) {
    const uint8_t *at = er_lowercase_table;
    uint32_t point = 0;
    for (uint32_t run = 0; run < ER_LOWERCASE_RUNS; run++) {
        point += read_number(&at);
        to->lowercase[run] = point << POINT_SHIFT | read_number(&at);
        to->distances[run] = read_signed(&at);
    }
    find_pages(&to->lowercase_pages, to->lowercase, ER_LOWERCASE_RUNS);
}

er_characters *er_load_characters(er_arena *arena, er_error *error) {
    er_characters *loaded = er_take(arena, 1, sizeof(er_characters), error);
    if (loaded != NULL) {
        load_properties(loaded);
        load_decompositions(loaded);
        load_compositions(loaded);
        load_lowercase(loaded);
    }
    return loaded;
}

/* ------------------------------------------------------------------ looking up */

/* How many keys are of code points up to this one. */
static uint32_t keys_up_to(const pages *of, const uint32_t *keys, uint32_t point) {
    uint32_t page = page_of(point);
    uint32_t low = of->first[page], high = of->first[page + 1];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (keys[middle] >> POINT_SHIFT <= point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

er_property er_property_of(const er_characters *characters, uint32_t point) {
    uint32_t range = keys_up_to(&characters->range_pages, characters->ranges, point) - 1;
    return characters->properties[characters->ranges[range] & FACTS];
}

/* The first step of a decomposition; returns how many letters, 0 if there is none. */
static uint32_t step_of(const er_characters *characters, er_form form, uint32_t point, const uint32_t **letters) {
    uint32_t place = keys_up_to(&characters->decomposition_pages, characters->decompositions, point);
    if (place == 0) {
        return 0;
    }
    uint32_t key = characters->decompositions[--place];
    if (key >> POINT_SHIFT != point || (form == ER_NFD && !(key & CANONICAL))) {
        return 0;
    }
    uint32_t length = key & LENGTH;
    *letters = length == 1 ? characters->decomposed + place : characters->letters + characters->decomposed[place];
    return length;
}

static uint32_t decompose_syllable(uint32_t place, uint32_t *letters) {
    letters[0] = LEADS + place / (VOWEL_COUNT * TAIL_COUNT);
    letters[1] = VOWELS + place / TAIL_COUNT % VOWEL_COUNT;
    letters[2] = TAILS + place % TAIL_COUNT;
    return letters[2] == TAILS ? 2 : 3;
}

uint32_t er_decompose(const er_characters *characters, er_form form, uint32_t point, uint32_t letters[ER_MOST_LETTERS]) {
    if (point >= SYLLABLES && point - SYLLABLES < SYLLABLE_COUNT) {
        return decompose_syllable(point - SYLLABLES, letters);
    }
    /* What is left to do stands behind what is done, from the end on. */
    uint32_t done = 0, left = 1;
    letters[ER_MOST_LETTERS - 1] = point;
    while (left > 0) {
        uint32_t next = letters[ER_MOST_LETTERS - left];
        const uint32_t *step = NULL;
        uint32_t length = next < NO_FORMS_BELOW ? 0 : step_of(characters, form, next, &step);
        left--;
        if (length == 0) {
            letters[done++] = next;
        } else {
            left += length;
            memcpy(letters + ER_MOST_LETTERS - left, step, length * sizeof *step);
        }
    }
    return done;
}

static uint32_t compose_syllable(uint32_t first, uint32_t second) {
    if (first - LEADS < LEAD_COUNT && second - VOWELS < VOWEL_COUNT) {
        return SYLLABLES + ((first - LEADS) * VOWEL_COUNT + (second - VOWELS)) * TAIL_COUNT;
    }
    bool has_no_tail = first - SYLLABLES < SYLLABLE_COUNT && (first - SYLLABLES) % TAIL_COUNT == 0;
    return has_no_tail && second - TAILS - 1 < TAIL_COUNT - 1 ? first + (second - TAILS) : 0;
}

uint32_t er_compose(const er_characters *characters, uint32_t first, uint32_t second) {
    if (second < NO_SECOND_BELOW) {
        return 0;
    }
    if (second - LEADS < 0x100) {
        return compose_syllable(first, second);
    }
    uint32_t slot = slot_of(first, second);
    for (uint32_t place; (place = characters->compositions[slot]) != 0; slot = (slot + 1) % SLOTS) {
        const uint32_t *pair = characters->letters + characters->decomposed[place - 1];
        if (pair[0] == first && pair[1] == second) {
            return characters->decompositions[place - 1] >> POINT_SHIFT;
        }
    }
    return 0;
}

uint32_t er_lowercase(const er_characters *characters, uint32_t point) {
    uint32_t run = keys_up_to(&characters->lowercase_pages, characters->lowercase, point);
    if (run == 0) {
        return point;
    }
    uint32_t key = characters->lowercase[--run];
    uint32_t step = (key & 1) + 1, far = point - (key >> POINT_SHIFT);
    bool is_of_it = far % step == 0 && far / step < (key & FACTS) >> 1;
    return is_of_it ? point + (uint32_t)characters->distances[run] : point;
}
