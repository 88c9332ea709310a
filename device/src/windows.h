/* Windows: long texts in parts of the model's maximum length, each with the text's first tokens, its title, as context. */
#ifndef ER_WINDOWS_H
#define ER_WINDOWS_H

#include "base.h"

/* Number of tokens of a text in `most` windows of `room` tokens. */
uint32_t er_capacity(uint32_t room, uint32_t most);

/* How many windows of `room` tokens hold `count` tokens: as few as possible, but one. */
uint32_t er_count_windows(uint32_t count, uint32_t room);

/* The tokens of one of a text's windows, which are about equally long, into `ids`; returns how many. */
uint32_t er_fill_window(const uint32_t *words, uint32_t count, uint32_t room, uint32_t number, uint32_t *ids);

#endif
