/* What compilers call in any program; linked where there is no libc, in WebAssembly. */

#define ER_DEFINES_LIBC
#include "base.h"

/* A loop that copies must not be compiled to a call of itself. */
#define PLAIN __attribute__((no_builtin("memcpy", "memmove", "memset", "memcmp")))

PLAIN void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    uint8_t *target = to;
    const uint8_t *source = from;
    for (; size >= 8; size -= 8, target += 8, source += 8) {
        uint64_t word;
        __builtin_memcpy(&word, source, 8);
        __builtin_memcpy(target, &word, 8);
    }
    for (; size > 0; size--) {
        *target++ = *source++;
    }
    return to;
}

PLAIN void *memmove(void *to, const void *from, size_t size) {
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((uintptr_t)target <= (uintptr_t)source) {
        for (size_t at = 0; at < size; at++) {
            target[at] = source[at];
        }
    } else {
        while (size > 0) {
            size--;
            target[size] = source[size];
        }
    }
    return to;
}

PLAIN void *memset(void *to, int value, size_t size) {
    uint8_t *target = to;
    for (size_t at = 0; at < size; at++) {
        target[at] = (uint8_t)value;
    }
    return to;
}

PLAIN int memcmp(const void *one, const void *other, size_t size) {
    const uint8_t *left = one, *right = other;
    for (size_t at = 0; at < size; at++) {
        if (left[at] != right[at]) {
            return left[at] < right[at] ? -1 : 1;
        }
    }
    return 0;
}
