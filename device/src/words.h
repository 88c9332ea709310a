/* Words of a text, as token ids. */
#ifndef ER_WORDS_H
#define ER_WORDS_H

#include "normalizer.h"

/* How many tokens the words of a text have at most, by the rules. */
uint32_t er_most_ids(er_rules rules);

/* Split the code points of a cleaned text into `ids` `[er_most_ids]`; returns how many. */
uint32_t er_split_text(const er_normalizer *normalizer, const uint32_t *points, uint32_t count, bool is_ascii,
                       uint16_t *ids);

#endif
