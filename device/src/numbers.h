/* Arithmetic as NumPy does it. */
#ifndef ER_NUMBERS_H
#define ER_NUMBERS_H

/* The natural logarithm of a number above 0, within 1 unit in the last place; of 0, minus infinity; else NaN. */
double er_log(double number);

/* log(1 + number), exact for small numbers. */
double er_log1p(double number);

/* The nearest whole number; of two, the even one. */
double er_rint(double number);

#endif
