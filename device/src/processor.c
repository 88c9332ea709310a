#include "processor.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* Which registers the operating system saves. */
static uint32_t saved_registers(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

uint32_t er_lanes(void) {
    enum { SAVES_YMM = 0x6, SAVES_ZMM = 0xE6 };
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_FMA)) {
        return 4;
    }
    const uint32_t saved = saved_registers();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2) || (saved & SAVES_YMM) != SAVES_YMM) {
        return 4;
    }
    return (b & bit_AVX512F) && (b & bit_AVX512BW) && (saved & SAVES_ZMM) == SAVES_ZMM ? 16 : 8;
}

#else

uint32_t er_lanes(void) { return 4; }

#endif
