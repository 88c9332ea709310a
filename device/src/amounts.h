/* Amounts: numbers with a currency sign before or after them. */
#ifndef ER_AMOUNTS_H
#define ER_AMOUNTS_H

#include "base.h"

/*
 * Find the next amount of a cleaned text from `at` on, which is moved behind it. `hash` is that of the sign and the number,
 * without thousands separators and zero cents. Returns false if there is no further one.
 */
bool er_next_amount(const uint32_t *points, uint32_t count, uint32_t *at, uint16_t *hash);

#endif
