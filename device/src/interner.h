/* Numbers for texts, in the order in which they first come: equal texts have the same. */
#ifndef ER_INTERNER_H
#define ER_INTERNER_H

#include "base.h"

#define ER_NO_NUMBER UINT32_MAX

typedef struct er_interner {
    uint32_t *slots;       /* [mask + 1] a number + 1, or 0: a hash table with linear probing */
    uint32_t *hashes;      /* [count] */
    const er_text **texts; /* [count] that belong to the caller */
    uint32_t mask;
    uint32_t count;
} er_interner;

/* Take the memory for at most so many texts. */
bool er_load_interner(er_interner *interner, er_arena *arena, uint32_t most, er_error *error);

void er_forget(er_interner *interner);

/* The number of a text, which must stay in place until it is forgotten; ER_NO_NUMBER of NULL. */
uint32_t er_intern(er_interner *interner, const er_text *text);

/* The number of a text; ER_NO_NUMBER if it has none. */
uint32_t er_number_of(const er_interner *interner, const er_text *text);

#endif
