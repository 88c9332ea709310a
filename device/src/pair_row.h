/* The tokens of a text or of a pair as one row, as BERT reads them jointly. */
#ifndef ER_PAIR_ROW_H
#define ER_PAIR_ROW_H

#include "base.h"

/*
 * Numbers of tokens that are kept of two texts, given those that they have: a row that is too long loses tokens from the end
 * of its longer text, then from both in turn; the shorter text stays whole as long as it has at most half of the room.
 */
void er_share_room(uint32_t room, uint32_t counts[2]);

#endif
