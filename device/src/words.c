#include "words.h"

#include "cleaning.h"
#include "utf8.h"

/* The word that is being read. */
typedef struct reader {
    const er_normalizer *normalizer;
    uint16_t *ids;
    uint32_t id_count;
    uint32_t letters; /* ER_MOST_WORD + 1: too many */
    uint32_t size;
    uint8_t bytes[ER_MOST_WORD * ER_MOST_UTF8];
} reader;

uint32_t er_most_ids(er_rules rules) {
    /* A capital I with a dot has two letters in lower case, and none in normal forms that would be more. */
    return ER_MOST_POINTS * (uint32_t)(rules.version > 1 ? ER_MOST_TOKENS : ER_MOST_CANONICAL_LETTERS);
}

static void end_word(reader *to) {
    if (to->letters > ER_MOST_WORD) {
        to->ids[to->id_count++] = to->normalizer->vocabulary->unknown;
    } else if (to->letters > 0) {
        er_span word = {to->bytes, to->size};
        to->id_count += er_split_word(to->normalizer->vocabulary, word, to->ids + to->id_count);
    }
    to->letters = 0;
    to->size = 0;
}

static void put_letter(reader *to, uint32_t point) {
    if (to->letters < ER_MOST_WORD) {
        to->size += er_write_point(point, to->bytes + to->size);
        to->letters++;
    } else {
        to->letters = ER_MOST_WORD + 1;
    }
}

static void put_alone(reader *to, uint32_t point) {
    end_word(to);
    put_letter(to, point);
    end_word(to);
}

static bool is_punctuation(uint32_t ascii) {
    return ascii > ' ' && (ascii < '0' || ascii - ':' < 7 || ascii - '[' < 6 || ascii - '{' < 4);
}

static void put_ascii(reader *to, uint32_t point) {
    if (point <= ' ') {
        end_word(to);
    } else if (is_punctuation(point)) {
        put_alone(to, point);
    } else {
        put_letter(to, point);
    }
}

static void put(void *context, uint32_t point) {
    reader *to = context;
    if (point < 0x80) {
        put_ascii(to, point);
        return;
    }
    er_property property = er_property_of(to->normalizer->characters, point);
    bool is_symbol = to->normalizer->rules.version > 1 && er_is_known_symbol(to->normalizer, point, property);
    if (is_symbol || property.kinds & ER_PUNCTUATION) {
        put_alone(to, point);
    } else {
        put_letter(to, point);
    }
}

uint32_t er_split_text(const er_normalizer *normalizer, const uint32_t *points, uint32_t count, bool is_ascii,
                       uint16_t *ids) {
    reader to = {.normalizer = normalizer, .ids = ids};
    if (is_ascii) { /* nothing to normalize but capitals */
        for (uint32_t at = 0; at < count; at++) {
            bool is_capital = normalizer->rules.lowercase && points[at] - 'A' < 26;
            put_ascii(&to, points[at] + (is_capital ? 0x20 : 0));
        }
    } else {
        er_normalize_text(normalizer, points, count, (er_sink){put, &to});
    }
    end_word(&to);
    return to.id_count;
}
