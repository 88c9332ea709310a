/* Attention of a row's tokens to each other. */
#ifndef ER_ATTENTION_H
#define ER_ATTENTION_H

#include "base.h"

typedef struct er_attention {
    uint32_t heads;
    uint32_t size; /* of a head */
    float *keys;   /* room: [size][length, a multiple of 4] */
    float *scores; /* room: [length, a multiple of 4] */
} er_attention;

bool er_take_attention(er_arena *arena, uint32_t heads, uint32_t size, uint32_t max_length, er_attention *attention,
                       er_error *error);

/*
 * From queries, keys and values side by side, `joint` `[count][3 * heads * size]`, to what each token attends to: `context`
 * `[count][heads * size]`.
 */
void er_attend(const er_attention *attention, const float *joint, uint32_t count, float *context);

#endif
