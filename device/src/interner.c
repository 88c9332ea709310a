#include "interner.h"

bool er_load_interner(er_interner *interner, er_arena *arena, uint32_t most, er_error *error) {
    uint32_t slots = 2;
    while (slots < 2 * most) {
        slots *= 2;
    }
    interner->mask = slots - 1;
    interner->slots = er_take(arena, slots, sizeof *interner->slots, error);
    interner->hashes = er_take(arena, most, sizeof *interner->hashes, error);
    interner->texts = er_take(arena, most, sizeof *interner->texts, error);
    return interner->slots != NULL && interner->hashes != NULL && interner->texts != NULL;
}

void er_forget(er_interner *interner) {
    memset(interner->slots, 0, (interner->mask + (size_t)1) * sizeof *interner->slots);
    interner->count = 0;
}

/* FNV-1a, its bits mixed once more: a table takes the lowest. */
static uint32_t hash_of(const er_text *text) {
    uint32_t hash = 0x811C9DC5u;
    for (size_t at = 0; at < text->size; at++) {
        hash = (hash ^ (uint8_t)text->bytes[at]) * 0x01000193u;
    }
    return hash ^ hash >> 15;
}

/* The slot that has a text, or in which it belongs. */
static uint32_t slot_of(const er_interner *interner, const er_text *text, uint32_t hash) {
    uint32_t slot = hash & interner->mask;
    for (;; slot = (slot + 1) & interner->mask) {
        uint32_t number = interner->slots[slot];
        if (number == 0 || (interner->hashes[number - 1] == hash && er_same(*interner->texts[number - 1], *text))) {
            return slot;
        }
    }
}

uint32_t er_intern(er_interner *interner, const er_text *text) {
    if (text->bytes == NULL) {
        return ER_NO_NUMBER;
    }
    uint32_t hash = hash_of(text), slot = slot_of(interner, text, hash);
    if (interner->slots[slot] == 0) {
        interner->hashes[interner->count] = hash;
        interner->texts[interner->count] = text;
        interner->slots[slot] = ++interner->count;
    }
    return interner->slots[slot] - 1;
}

uint32_t er_number_of(const er_interner *interner, const er_text *text) {
    if (text->bytes == NULL) {
        return ER_NO_NUMBER;
    }
    return interner->slots[slot_of(interner, text, hash_of(text))] - 1; /* of an empty slot, 0 - 1 */
}
