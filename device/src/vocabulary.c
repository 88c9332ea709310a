#include "vocabulary.h"

#include "utf8.h"

enum { MOST_BYTES = 1 << 24, ID = 0xFFFF }; /* of a slot */

static const uint32_t HASH_START = 0x811C9DC5u;
static const uint8_t CONTINUES[2] = {'#', '#'};

/* FNV-1a, by which the hash of a word follows from that of its beginning. */
static uint32_t hash_further(uint32_t hash, const uint8_t *bytes, size_t size) {
    for (size_t at = 0; at < size; at++) {
        hash = (hash ^ bytes[at]) * 0x01000193u;
    }
    return hash;
}

static uint32_t slot_of(const er_vocabulary *vocabulary, uint32_t hash) {
    return (hash ^ hash >> 15) & vocabulary->mask;
}

static bool begins_with_mark(er_span token) { return token.size > 2 && token.bytes[0] == '#' && token.bytes[1] == '#'; }

er_span er_spelling(const er_vocabulary *vocabulary, uint32_t id, bool bare) {
    uint32_t start = vocabulary->tokens[id].start, end = vocabulary->tokens[id + 1].start - 1;
    start += bare && vocabulary->tokens[id].continues ? 2 : 0;
    return (er_span){vocabulary->bytes + start, end - start};
}

/* Whether a token consists of `##` and the bytes, or of the bytes alone. */
static bool is_spelt(const er_vocabulary *vocabulary, uint32_t id, er_span bytes, bool continues) {
    er_span token = er_spelling(vocabulary, id, false);
    if (continues) {
        if (!begins_with_mark(token)) {
            return false;
        }
        token = (er_span){token.bytes + 2, token.size - 2};
    }
    return token.size == bytes.size && memcmp(token.bytes, bytes.bytes, bytes.size) == 0;
}

/* The slot of a token, or the one where it belongs. */
static uint32_t find_slot(const er_vocabulary *vocabulary, uint32_t hash, er_span bytes, bool continues) {
    uint32_t slot = slot_of(vocabulary, hash);
    for (uint32_t id; (id = vocabulary->slots[slot] & ID) != 0; slot = (slot + 1) & vocabulary->mask) {
        if ((vocabulary->slots[slot] ^ hash) <= ID && is_spelt(vocabulary, id - 1, bytes, continues)) {
            break;
        }
    }
    return slot;
}

int32_t er_find_token(const er_vocabulary *vocabulary, er_span token) {
    uint32_t hash = hash_further(HASH_START, token.bytes, token.size);
    return (int32_t)(vocabulary->slots[find_slot(vocabulary, hash, token, false)] & ID) - 1;
}

/* ------------------------------------------------------------------ loading */

static bool has_meaning(const er_characters *characters, er_span text) {
    size_t used;
    for (size_t at = 0; at < text.size; at += used) {
        uint32_t point = er_read_point(text.bytes + at, text.size - at, &used);
        if (er_property_of(characters, point).kinds & ER_MEANING) {
            return true;
        }
    }
    return false;
}

static bool find_special(er_vocabulary *vocabulary, const char *name, uint16_t *id, er_error *error) {
    er_span token = {(const uint8_t *)name, 5};
    int32_t found = er_find_token(vocabulary, token);
    if (found < 0) {
        return er_fail(error, ER_FILE_INVALID, "vocab.txt lacks %s", name);
    }
    vocabulary->tokens[found].has_meaning = 0;
    *id = (uint16_t)found;
    return true;
}

static uint32_t count_lines(er_span bytes) {
    uint32_t count = 1;
    for (size_t at = 0; at < bytes.size; at++) {
        count += bytes.bytes[at] == '\n';
    }
    return count;
}

static void find_tokens(er_vocabulary *vocabulary, er_span bytes) {
    uint32_t id = 0;
    for (size_t at = 0; at < bytes.size; at++) {
        if (bytes.bytes[at] == '\n') {
            vocabulary->tokens[++id].start = (uint32_t)at + 1;
        }
    }
    vocabulary->tokens[id + 1].start = (uint32_t)bytes.size + 1;
}

static bool enter_tokens(er_vocabulary *vocabulary, const er_characters *characters, er_error *error) {
    for (uint32_t id = 0; id < vocabulary->count; id++) {
        er_span token = er_spelling(vocabulary, id, false);
        uint32_t hash = hash_further(HASH_START, token.bytes, token.size);
        uint32_t slot = find_slot(vocabulary, hash, token, false);
        if (vocabulary->slots[slot] != 0) {
            return er_fail(error, ER_FILE_INVALID, "vocab.txt repeats the token of line %u in line %u",
                           (size_t)(vocabulary->slots[slot] & ID), (size_t)id + 1);
        }
        vocabulary->slots[slot] = (hash & ~(uint32_t)ID) | (id + 1);
        vocabulary->longest = er_most(vocabulary->longest, (uint32_t)token.size);
        vocabulary->tokens[id].continues = begins_with_mark(token);
        vocabulary->tokens[id].has_meaning = has_meaning(characters, er_spelling(vocabulary, id, true));
    }
    return true;
}

bool er_load_vocabulary(er_vocabulary *vocabulary, er_arena *arena, er_span bytes, uint32_t size,
                        const er_characters *characters, er_error *error) {
    if (bytes.size > MOST_BYTES || size > ER_MOST_TOKENS_OF_VOCABULARY) {
        return er_fail(error, ER_UNSUPPORTED, "vocab.txt has more than %u tokens or %u bytes",
                       (size_t)ER_MOST_TOKENS_OF_VOCABULARY, (size_t)MOST_BYTES);
    }
    if (bytes.bytes == NULL) {
        bytes = (er_span){(const uint8_t *)"", 0};
    }
    if (!er_is_utf8(bytes)) {
        return er_fail(error, ER_FILE_INVALID, "vocab.txt is not UTF-8");
    }
    if (bytes.size > 0 && bytes.bytes[bytes.size - 1] == '\n') {
        bytes.size--;
    }
    uint32_t count = count_lines(bytes);
    if (count != size) {
        return er_fail(error, ER_FILE_INVALID, "vocab.txt has %u tokens, the manifest states %u", (size_t)count,
                       (size_t)size);
    }
    uint32_t slots = 4;
    while (slots < count + count / 2) {
        slots *= 2;
    }
    *vocabulary = (er_vocabulary){.bytes = bytes.bytes, .mask = slots - 1, .count = count};
    vocabulary->slots = er_take(arena, slots, sizeof *vocabulary->slots, error);
    vocabulary->tokens = er_take(arena, (size_t)count + 1, sizeof *vocabulary->tokens, error);
    if (vocabulary->slots == NULL || vocabulary->tokens == NULL) {
        return false;
    }
    find_tokens(vocabulary, bytes);
    return enter_tokens(vocabulary, characters, error) &&
           find_special(vocabulary, "[PAD]", &vocabulary->pad, error) &&
           find_special(vocabulary, "[UNK]", &vocabulary->unknown, error) &&
           find_special(vocabulary, "[CLS]", &vocabulary->start, error) &&
           find_special(vocabulary, "[SEP]", &vocabulary->end, error);
}

/* ------------------------------------------------------------------ WordPiece */

/*
 * The longest token that is or, behind the first, continues the word from `start` on. Returns -1, or its id and in `end`
 * where it ends.
 */
static int32_t longest(const er_vocabulary *vocabulary, er_span word, size_t start, size_t *end) {
    uint32_t hashes[ER_MOST_WORD * ER_MOST_UTF8];
    bool continues = start > 0;
    uint32_t hash = hash_further(HASH_START, CONTINUES, continues ? sizeof CONTINUES : 0);
    size_t most = word.size - start < vocabulary->longest ? word.size - start : vocabulary->longest;
    for (size_t at = 0; at < most; at++) {
        hash = hash_further(hash, word.bytes + start + at, 1);
        hashes[at] = hash;
    }
    for (size_t size = most; size > 0; size--) {
        if (start + size < word.size && (word.bytes[start + size] & 0xC0) == 0x80) {
            continue; /* within a character */
        }
        er_span part = {word.bytes + start, size};
        uint32_t place = vocabulary->slots[find_slot(vocabulary, hashes[size - 1], part, continues)] & ID;
        if (place != 0) {
            *end = start + size;
            return (int32_t)place - 1;
        }
    }
    return -1;
}

uint32_t er_split_word(const er_vocabulary *vocabulary, er_span word, uint16_t *ids) {
    uint32_t count = 0;
    for (size_t start = 0; start < word.size;) {
        int32_t id = longest(vocabulary, word, start, &start);
        if (id < 0) {
            ids[0] = vocabulary->unknown;
            return 1;
        }
        ids[count++] = (uint16_t)id;
    }
    return count;
}
