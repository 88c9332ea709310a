#include "numbers.h"

#include "base.h"

static const double LN2_HIGH = 0x1.62e42feep-1; /* its last 21 bits are 0, so that multiples of it are exact */
static const double LN2_LOW = 0x1.a39ef35793c76p-33;
static const double SQUARE_ROOT_OF_2 = 0x1.6a09e667f3bcdp+0;

static uint64_t bits_of(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static double number_of(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/*
 * log(2^exponent (1 + fraction)) + correction, with 1 + fraction from sqrt(1/2) to sqrt(2): with s = f / (2 + f),
 * log(1 + f) = 2 artanh(s) = f - (f^2 / 2 - s (f^2 / 2 + R)), where R = 2 s^2 (1/3 + s^2 / 5 + s^4 / 7 + ...).
 */
static double log_of_parts(int exponent, double fraction, double correction) {
    double s = fraction / (2 + fraction);
    double square = s * s;
    double rest = 0;
    for (int odd = 23; odd >= 3; odd -= 2) {
        rest = square * (2.0 / odd + rest);
    }
    double half = 0.5 * fraction * fraction;
    double low = s * (half + rest) + (exponent * LN2_LOW + correction);
    return exponent * LN2_HIGH - ((half - low) - fraction);
}

/* Split a positive, finite number into a power of 2 and a factor from sqrt(1/2) to sqrt(2). */
static double split(double number, int *exponent) {
    *exponent = 0;
    if (number < 0x1p-1022) {
        number *= 0x1p54;
        *exponent = -54;
    }
    uint64_t bits = bits_of(number);
    *exponent += (int)(bits >> 52) - 1023;
    double factor = number_of((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
    if (factor > SQUARE_ROOT_OF_2) {
        factor *= 0.5;
        *exponent += 1;
    }
    return factor;
}

double er_log(double number) {
    if (!(number > 0)) {
        return number == 0 ? number_of(0xFFF0000000000000) : number_of(0x7FF8000000000000);
    }
    if (number > 0x1.fffffffffffffp+1023) {
        return number;
    }
    int exponent;
    double factor = split(number, &exponent);
    return log_of_parts(exponent, factor - 1, 0);
}

double er_log1p(double number) {
    if (!(number > -1 && number < 0x1p53)) {
        return er_log(1 + number);
    }
    if (number > -0x1p-54 && number < 0x1p-54) {
        return number;
    }
    double sum = 1 + number;
    int exponent;
    double factor = split(sum, &exponent);
    if (exponent == 0) {
        return log_of_parts(0, number, 0); /* no digit of it is lost */
    }
    double lost = number < 1 ? number - (sum - 1) : 1 - (sum - number);
    return log_of_parts(exponent, factor - 1, lost / sum);
}

double er_rint(double number) {
    double size = number < 0 ? -number : number;
    if (!(size < 0x1p52)) {
        return number;
    }
    double rounded = (size + 0x1p52) - 0x1p52;
    return number < 0 ? -rounded : rounded;
}
