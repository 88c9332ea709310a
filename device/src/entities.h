/* HTML's entities: HTML 4's names, XML's own `&apos;`, and numbers. */
#ifndef ER_ENTITIES_H
#define ER_ENTITIES_H

#include "base.h"

/* Replace entities by what they stand for, in place; returns how many code points there are then. */
uint32_t er_decode_entities(uint32_t *points, uint32_t count);

#endif
