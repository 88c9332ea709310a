/* What every other file uses: spans of bytes, memory, errors, and the few functions of libc that are needed. */
#ifndef ER_BASE_H
#define ER_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edge_rank.h"

/* Bytes that somebody else owns. */
typedef struct er_span {
    const uint8_t *bytes;
    size_t size;
} er_span;

/* Memory that is taken piece by piece and given back as a whole. */
typedef struct er_arena {
    er_allocator allocator;
    void *last;   /* the piece that was taken last; each begins with a pointer to the one before */
    size_t taken; /* bytes */
} er_arena;

/* `count` zeroed elements of `size` bytes, aligned to 16; NULL, with an error, if there is no memory. */
void *er_take(er_arena *arena, size_t count, size_t size, er_error *error);

void er_give_back(er_arena *arena);

/*
 * Fill in an error and return false. In `format`, %s is a C string, %t a pointer to an er_text, %u a size_t, %d an int64_t;
 * what is too long for the message is cut. `error` may be NULL.
 */
bool er_fail(er_error *error, er_status status, const char *format, ...);

bool er_same(er_text one, er_text other); /* NULL is the same as nothing, not even as NULL */
bool er_equals(er_text text, const char *literal);

/* memcpy, memset, memcmp and memmove: C compilers need them anywhere. The WebAssembly build brings its own. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *one, const void *other, size_t size);

/* So that compilers put what they know of these functions in their place, where they take them for any others, too. */
#ifndef ER_DEFINES_LIBC
#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset
#define memcmp __builtin_memcmp
#endif

static inline uint32_t er_least(uint32_t one, uint32_t other) { return one < other ? one : other; }
static inline uint32_t er_most(uint32_t one, uint32_t other) { return one > other ? one : other; }

#endif
