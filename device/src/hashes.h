/* Hashes of words, by their letters: a polynomial in 32 bits, so that that of a whole follows from those of its parts. */
#ifndef ER_HASHES_H
#define ER_HASHES_H

#include <stdint.h>

#define ER_HASH_BASE 0x85EBCA6Bu

/* MurmurHash3's finalizer: every bit depends on all of them. */
static inline uint32_t er_mix(uint32_t value) {
    value ^= value >> 16;
    value *= 0x85EBCA6Bu;
    value ^= value >> 13;
    value *= 0xC2B2AE35u;
    return value ^ value >> 16;
}

/* The polynomial of a word, 0 of an empty one, and one more letter. */
static inline uint32_t er_spell(uint32_t polynomial, uint32_t letter) {
    return polynomial * ER_HASH_BASE + er_mix(letter);
}

/* The hash of a word, by its polynomial. */
static inline uint16_t er_word_hash(uint32_t polynomial) { return (uint16_t)(er_mix(polynomial) >> 16); }

#endif
