#include "normalizer.h"

#include "utf8.h"

/*
 * By version 2 of the rules, a text goes through three steps, a code point at a time: it is composed (NFKC), cleaned, and
 * decomposed without its accents (NFD); by version 1, through the last two. Two of them hold code points back: marks behind
 * a letter come in their canonical order.
 *
 * Of those marks, no more are kept than make a word too long to be known, whatever further ones there are: all of them
 * belong to one word.
 */
enum { MOST_MARKS = ER_MOST_WORD + 1 };

typedef struct marks {
    uint32_t count;
    uint32_t points[MOST_MARKS];
    uint8_t orders[MOST_MARKS];
} marks;

typedef struct stream {
    const er_normalizer *normalizer;
    er_sink sink;
    /* Being composed: a letter, marks behind it that it does not absorb, and the order of the last of them. */
    uint32_t letter;
    marks behind;
    uint32_t last_order;
    marks decomposed; /* marks that are left of the last letter */
} stream;

static void put_lowercase(stream *to, uint32_t point) {
    if (to->normalizer->rules.lowercase) {
        if (point == 0x130) { /* a capital I with a dot: the only one whose lower case is two */
            to->sink.put(to->sink.context, 'i');
            point = 0x307;
        } else if (point < 0x80) {
            point += point - 'A' < 26 ? 0x20 : 0;
        } else {
            point = er_lowercase(to->normalizer->characters, point);
        }
    }
    to->sink.put(to->sink.context, point);
}

/* ------------------------------------------------------------------ decomposing */

static void put_decomposed_marks(stream *to) {
    for (uint32_t at = 0; at < to->decomposed.count; at++) {
        put_lowercase(to, to->decomposed.points[at]);
    }
    to->decomposed.count = 0;
}

/* Insert a mark behind those that come before it or are its equals. */
static void insert_mark(marks *to, uint32_t point, uint8_t order) {
    if (to->count == MOST_MARKS) {
        return;
    }
    uint32_t at = to->count++;
    for (; at > 0 && to->orders[at - 1] > order; at--) {
        to->points[at] = to->points[at - 1];
        to->orders[at] = to->orders[at - 1];
    }
    to->points[at] = point;
    to->orders[at] = order;
}

static void put_decomposed(stream *to, uint32_t point) {
    if (!to->normalizer->rules.strip_accents) {
        put_lowercase(to, point);
        return;
    }
    if (point < 0x80) {
        put_decomposed_marks(to);
        put_lowercase(to, point);
        return;
    }
    uint32_t letters[ER_MOST_LETTERS];
    uint32_t count = er_decompose(to->normalizer->characters, ER_NFD, point, letters);
    for (uint32_t at = 0; at < count; at++) {
        er_property property = er_property_of(to->normalizer->characters, letters[at]);
        if (property.order == 0) {
            put_decomposed_marks(to);
        }
        if (property.kinds & ER_MARK) {
            continue;
        }
        if (property.order == 0) {
            put_lowercase(to, letters[at]);
        } else {
            insert_mark(&to->decomposed, letters[at], property.order);
        }
    }
}

/* ------------------------------------------------------------------ cleaning */

bool er_is_known_symbol(const er_normalizer *normalizer, uint32_t point, er_property property) {
    if (!(property.kinds & ER_SYMBOL) || property.kinds & ER_UNKNOWABLE) {
        return false;
    }
    uint8_t bytes[ER_MOST_UTF8];
    return er_find_token(normalizer->vocabulary, (er_span){bytes, er_write_point(point, bytes)}) >= 0;
}

static void put_cleaned(stream *to, uint32_t point) {
    if (point < 0x80) {
        put_decomposed(to, point < ' ' ? ' ' : point);
        return;
    }
    er_property property = er_property_of(to->normalizer->characters, point);
    bool is_foreign = to->normalizer->rules.version > 1 && property.kinds & ER_SYMBOL &&
                      !er_is_known_symbol(to->normalizer, point, property);
    if (is_foreign || property.kinds & ER_BLANK) {
        put_decomposed(to, ' ');
    } else if (property.kinds & ER_IDEOGRAPH) {
        put_decomposed(to, ' ');
        put_decomposed(to, point);
        put_decomposed(to, ' ');
    } else if (!(property.kinds & ER_REMOVED)) {
        put_decomposed(to, point);
    }
}

/* ------------------------------------------------------------------ composing */

static void put_composed(stream *to) {
    put_cleaned(to, to->letter);
    for (uint32_t at = 0; at < to->behind.count; at++) {
        put_cleaned(to, to->behind.points[at]);
    }
    to->behind.count = 0;
    to->last_order = 0;
}

static void compose_letter(stream *to, uint32_t point) {
    uint32_t composed = to->last_order == 0 ? er_compose(to->normalizer->characters, to->letter, point) : 0;
    if (composed == 0) {
        put_composed(to);
        composed = point;
    }
    to->letter = composed;
}

/* Marks come in their canonical order. */
static void compose_mark(stream *to, uint32_t point, er_property property) {
    if (to->last_order < property.order) {
        uint32_t composed = er_compose(to->normalizer->characters, to->letter, point);
        if (composed != 0) {
            to->letter = composed;
            return;
        }
    }
    to->last_order = property.order;
    /* An accent is decomposed already: it would be stripped. */
    if (!(to->normalizer->rules.strip_accents && property.kinds & ER_MARK)) {
        insert_mark(&to->behind, point, property.order);
    }
}

/* Marks behind a letter: the last of its own decomposition, and characters that are marks. */
typedef struct run {
    const uint32_t *own;
    uint32_t own_count;
    const uint32_t *points;
    uint32_t count;
} run;

/* Compose those of one order, or of any, if it is 0, in which case nothing is composed; returns the orders seen, as bits. */
static uint64_t compose_order(stream *to, const run *marked, uint8_t order) {
    uint64_t seen = 0;
    uint32_t decomposed[ER_MOST_LETTERS];
    for (uint32_t at = 0; at <= marked->count; at++) {
        const uint32_t *letters = at == 0 ? marked->own : decomposed;
        uint32_t count = marked->own_count;
        if (at > 0) {
            count = er_decompose(to->normalizer->characters, ER_NFKD, marked->points[at - 1], decomposed);
        }
        for (uint32_t letter = 0; letter < count; letter++) {
            er_property property = er_property_of(to->normalizer->characters, letters[letter]);
            seen |= (uint64_t)1 << property.order;
            if (order > 0 && property.order == order) {
                compose_mark(to, letters[letter], property);
            }
        }
    }
    return seen;
}

/*
 * Compose marks in their canonical order, going through them once for each order that there is: they may be as many as the
 * text has characters, and need no memory this way.
 */
static void compose_run(stream *to, const run *marked) {
    uint64_t seen = compose_order(to, marked, 0);
    for (uint8_t order = 1; order < ER_ORDERS; order++) {
        if (seen >> order & 1) {
            compose_order(to, marked, order);
        }
    }
}

/* Whether a character decomposes into marks alone, by its first letter: others begin with none. */
static bool is_mark(const stream *to, uint32_t point) {
    if (point < 0x300) {
        return false;
    }
    uint32_t letters[ER_MOST_LETTERS];
    er_decompose(to->normalizer->characters, ER_NFKD, point, letters);
    return er_property_of(to->normalizer->characters, letters[0]).order != 0;
}

/* Compose a character and the marks behind it; returns how many code points these are. */
static uint32_t compose_character(stream *to, const uint32_t *points, uint32_t count) {
    uint32_t letters[ER_MOST_LETTERS], length = 0, marked = 0;
    if (!is_mark(to, points[0])) {
        length = er_decompose(to->normalizer->characters, ER_NFKD, points[0], letters);
        marked = 1;
    }
    uint32_t own = length; /* where its last marks begin */
    while (own > 0 && er_property_of(to->normalizer->characters, letters[own - 1]).order != 0) {
        own--;
    }
    for (uint32_t at = 0; at < own; at++) {
        er_property property = er_property_of(to->normalizer->characters, letters[at]);
        if (property.order == 0) {
            compose_letter(to, letters[at]);
        } else {
            compose_mark(to, letters[at], property);
        }
    }
    uint32_t end = marked;
    while (end < count && is_mark(to, points[end])) {
        end++;
    }
    if (own < length || marked < end) {
        run behind = {letters + own, length - own, points + marked, end - marked};
        compose_run(to, &behind);
    }
    return end;
}

static void compose(stream *to, const uint32_t *points, uint32_t count) {
    to->letter = ' ';
    for (uint32_t at = 0; at < count;) {
        uint32_t point = points[at];
        if (point < 0x80) {
            compose_letter(to, point);
            at++;
            continue;
        }
        uint16_t kinds = er_property_of(to->normalizer->characters, point).kinds;
        if (kinds & ER_COMPATIBILITY) { /* its letters would join their neighbours */
            compose_letter(to, ' ');
            compose_character(to, points + at, 1);
            compose_letter(to, ' ');
            at++;
            continue;
        }
        if (kinds & ER_POWER && at > 0 && points[at - 1] - '0' < 10) {
            compose_letter(to, ' ');
        }
        at += compose_character(to, points + at, count - at);
    }
    put_composed(to);
}

void er_normalize_text(const er_normalizer *normalizer, const uint32_t *points, uint32_t count, er_sink sink) {
    stream to = {.normalizer = normalizer, .sink = sink};
    if (normalizer->rules.version > 1) {
        compose(&to, points, count);
    } else {
        for (uint32_t at = 0; at < count; at++) {
            put_cleaned(&to, points[at]);
        }
    }
    put_decomposed_marks(&to);
}
