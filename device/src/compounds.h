/*
 * Words of several parts, `T-shirt`, and amounts, `$20`. A compound has a hyphen, an apostrophe, a full stop or an ampersand
 * between Latin letters or digits, or is a number with thousands separators.
 */
#ifndef ER_COMPOUNDS_H
#define ER_COMPOUNDS_H

#include "normalizer.h"

/* The first of a cleaned text's amounts, then of its compounds, none twice, into `compounds` [ER_MOST_COMPOUNDS]. */
uint32_t er_find_compounds(const er_normalizer *normalizer, const uint32_t *points, uint32_t count,
                           er_compound *compounds);

#endif
