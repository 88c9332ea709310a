#include "decimal.h"

/* --------------------------------------------------------------- splitting */

/* Read a sign, if there is one; returns where it ends. */
static size_t read_sign(const uint8_t *number, size_t size, size_t at, bool *negative) {
    *negative = at < size && number[at] == '-';
    return at + (at < size && (number[at] == '-' || number[at] == '+'));
}

/* Read an exponent; one that is far out of range becomes another that is. */
static int32_t read_exponent(const uint8_t *number, size_t size, size_t at) {
    bool negative;
    int32_t exponent = 0;
    for (at = read_sign(number, size, at, &negative); at < size; at++) {
        exponent = exponent > 100000 ? exponent : 10 * exponent + (number[at] - '0');
    }
    return negative ? -exponent : exponent;
}

void er_decimal_split(const uint8_t *number, size_t size, er_decimal_parts *parts) {
    bool in_fraction = false;
    size_t at = read_sign(number, size, 0, &parts->negative);
    parts->count = 0;
    parts->exponent = 0;
    for (; at < size && at < ER_LONGEST_DECIMAL; at++) {
        uint8_t byte = number[at];
        if (byte == '.') {
            in_fraction = true;
        } else if (byte >= '0' && byte <= '9') {
            parts->exponent -= in_fraction;
            if (parts->count > 0 || byte != '0') {
                parts->digits[parts->count++] = byte - '0';
            }
        } else {
            parts->exponent += read_exponent(number, size, at + 1);
            break;
        }
    }
    while (parts->count > 0 && parts->digits[parts->count - 1] == 0) {
        parts->count--;
        parts->exponent++;
    }
}

/* ---------------------------------------------------- numbers of any length */

/*
 * 800 digits take 2,658 bits, and so does the greatest power of five that they are divided by; either is brought to the
 * length of the other, and grows by a bit while dividing.
 */
enum { LIMBS = 88, LARGEST_EXPONENT = 310, LEAST_EXPONENT = -330 };

typedef struct natural {
    uint32_t limbs[LIMBS]; /* the lowest first; those beyond `count` are 0 */
    uint32_t count;        /* the highest of so many is not 0 */
} natural;

static void multiply(natural *number, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (uint32_t i = 0; i < number->count; i++) {
        carry += (uint64_t)number->limbs[i] * factor;
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        number->limbs[number->count++] = (uint32_t)carry;
    }
}

/* Multiply by a power of a number, of which `thirteenth` is the thirteenth. */
static void multiply_often(natural *number, uint32_t factor, uint32_t thirteenth, int32_t power) {
    for (; power >= 13; power -= 13) {
        multiply(number, thirteenth, 0);
    }
    for (; power > 0; power--) {
        multiply(number, factor, 0);
    }
}

static void multiply_by_fives(natural *number, int32_t power) { multiply_often(number, 5, 1220703125, power); }

static void multiply_by_twos(natural *number, int32_t power) { multiply_often(number, 2, 8192, power); }

static int32_t bits_of(const natural *number) {
    return (int32_t)(32 * number->count) - __builtin_clz(number->limbs[number->count - 1]);
}

static bool is_less(const natural *one, const natural *other) {
    for (uint32_t i = er_most(one->count, other->count); i-- > 0;) {
        if (one->limbs[i] != other->limbs[i]) {
            return one->limbs[i] < other->limbs[i];
        }
    }
    return false;
}

/* Take away what is not greater. */
static void subtract(natural *number, const natural *less) {
    int64_t carry = 0;
    for (uint32_t i = 0; i < number->count; i++) {
        carry += (int64_t)number->limbs[i] - less->limbs[i];
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    while (number->count > 0 && number->limbs[number->count - 1] == 0) {
        number->count--;
    }
}

/* ---------------------------------------------------------------- rounding */

/* Round `quotient` · 2 ** `exponent`, whose highest bit is set, and something less than 1 more if `more`. */
static uint64_t rounded(uint64_t quotient, int32_t exponent, bool more) {
    int32_t biased = exponent + 63 + 1023;
    int32_t dropped = biased > 0 ? 11 : 12 - biased;
    if (biased >= 2047) {
        return (uint64_t)2047 << 52;
    }
    if (dropped > 64) {
        return 0;
    }
    uint64_t mantissa = dropped == 64 ? 0 : quotient >> dropped;
    uint64_t rest = quotient << (64 - dropped);
    uint64_t half = (uint64_t)1 << 63;
    mantissa += rest > half || (rest == half && (more || (mantissa & 1)));
    /* A mantissa that was rounded up to the next power of two carries into the exponent. */
    return biased > 0 ? ((uint64_t)(biased - 1) << 52) + mantissa : mantissa;
}

/* The bits of a positive number. */
static uint64_t nearest(const er_decimal_parts *parts) {
    natural above = {{0}, 0}, below = {{1}, 1};
    for (uint32_t i = 0; i < parts->count; i++) {
        multiply(&above, 10, parts->digits[i]);
    }
    multiply_by_fives(&above, parts->exponent);
    multiply_by_fives(&below, -parts->exponent);
    int32_t more = bits_of(&below) - bits_of(&above);
    multiply_by_twos(&above, more);
    multiply_by_twos(&below, -more);
    uint64_t quotient = 0;
    for (int bit = 0; bit < 64; bit++) {
        quotient <<= 1;
        if (!is_less(&above, &below)) {
            subtract(&above, &below);
            quotient |= 1;
        }
        multiply(&above, 2, 0);
    }
    int32_t exponent = parts->exponent - more - 63;
    if (!(quotient >> 63)) {
        quotient <<= 1;
        exponent--;
    }
    return rounded(quotient, exponent, above.count > 0);
}

double er_decimal(const uint8_t *number, size_t size) {
    er_decimal_parts parts;
    er_decimal_split(number, size, &parts);
    int32_t magnitude = (int32_t)parts.count + parts.exponent;
    uint64_t bits = 0;
    if (parts.count > 0 && magnitude > LARGEST_EXPONENT) {
        bits = (uint64_t)2047 << 52;
    } else if (parts.count > 0 && magnitude > LEAST_EXPONENT) {
        bits = nearest(&parts);
    }
    bits |= (uint64_t)parts.negative << 63;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
