/* Powers in float64. */
#ifndef ER_POWERS_H
#define ER_POWERS_H

#include <stdint.h>

double er_exp2(double exponent);                   /* 2^exponent, within 1 ulp */
double er_pow(double base, uint32_t exponent);     /* within as many ulp as the exponent is */

#endif
