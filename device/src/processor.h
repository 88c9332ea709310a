/* What the processor can do beyond what the compiler was allowed to take for granted. */
#ifndef ER_PROCESSOR_H
#define ER_PROCESSOR_H

#include <stdint.h>

/* Numbers of 32 bits that it computes with at once: 4, 8 (AVX2) or 16 (AVX-512 with 16-bit integers). */
uint32_t er_lanes(void);

#endif
