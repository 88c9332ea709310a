/* Numbers as people write them. */
#ifndef ER_DECIMAL_H
#define ER_DECIMAL_H

#include "base.h"

enum { ER_LONGEST_DECIMAL = 800 }; /* characters */

/*
 * The double that is nearest to a decimal number, `-1.5e-3`, of two equally near ones the even one: infinite beyond the
 * range. At most ER_LONGEST_DECIMAL characters are read; it must be one.
 */
double er_decimal(const uint8_t *number, size_t size);

/* A decimal number apart: its digits, without zeros at either end, and the power of ten of the last of them. */
typedef struct er_decimal_parts {
    uint8_t digits[ER_LONGEST_DECIMAL]; /* 0 to 9 each */
    uint32_t count;                     /* 0: the number is 0 */
    int32_t exponent;
    bool negative;
} er_decimal_parts;

void er_decimal_split(const uint8_t *number, size_t size, er_decimal_parts *parts);

#endif
