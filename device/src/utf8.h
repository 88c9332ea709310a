/* UTF-8, and what becomes of bytes that are not. */
#ifndef ER_UTF8_H
#define ER_UTF8_H

#include "base.h"

#define ER_NO_POINT 0xFFFFFFFFu

enum { ER_MOST_UTF8 = 4 }; /* bytes of a code point */

/*
 * The first code point of `size` bytes, at least one, and how many it takes, into `used`; ER_NO_POINT for what is none:
 * the longest beginning of a sequence, as Python counts it, but a surrogate is one sequence.
 */
uint32_t er_read_point(const uint8_t *bytes, size_t size, size_t *used);

/* Write a code point; returns how many bytes it takes. */
uint32_t er_write_point(uint32_t point, uint8_t *bytes);

bool er_is_utf8(er_span text);

#endif
