#include "heap.h"

/*
 * Blocks lie side by side from the end of the program's own data on. A free block is taken by the first request that it
 * holds, what is left of it stays free, and free neighbours grow together. There are few blocks, and large ones.
 */
typedef struct block {
    size_t size; /* bytes behind this head */
    bool taken;
    struct block *next; /* the block behind this one; NULL: it is the last */
} __attribute__((aligned(16))) block;

enum { PAGE = 65536 };

extern unsigned char __heap_base;

static block *first_block;
static block *last_block;

static size_t aligned(size_t size) { return (size + 15) & ~(size_t)15; }

static uint8_t *end_of(const block *of) { return (uint8_t *)(of + 1) + of->size; }

/* A new last block, of fresh memory. */
static block *grow(size_t size) {
    uint8_t *begin = last_block == NULL ? (uint8_t *)aligned((size_t)&__heap_base) : end_of(last_block);
    const size_t here = __builtin_wasm_memory_size(0) * (size_t)PAGE;
    const size_t end = (size_t)begin + sizeof(block) + size;
    if (end < size) {
        return NULL;
    }
    if (end > here && __builtin_wasm_memory_grow(0, (end - here + PAGE - 1) / PAGE) == SIZE_MAX) {
        return NULL;
    }
    block *made = (block *)begin;
    *made = (block){size, true, NULL};
    if (last_block != NULL) {
        last_block->next = made;
    } else {
        first_block = made;
    }
    last_block = made;
    return made;
}

/* Leave what a block has beyond `size` as a block of its own. */
static void split(block *of, size_t size) {
    if (of->size < size + sizeof(block) + 16) {
        return;
    }
    block *rest = (block *)((uint8_t *)(of + 1) + size);
    *rest = (block){of->size - size - sizeof(block), false, of->next};
    of->size = size;
    of->next = rest;
    if (last_block == of) {
        last_block = rest;
    }
}

void *er_heap_allocate(size_t bytes) {
    if (bytes > SIZE_MAX - PAGE) {
        return NULL;
    }
    const size_t size = aligned(bytes);
    for (block *at = first_block; at != NULL; at = at->next) {
        if (!at->taken && at->size >= size) {
            at->taken = true;
            split(at, size);
            return at + 1;
        }
    }
    block *made = grow(size);
    return made == NULL ? NULL : made + 1;
}

static void merge(block *with) {
    while (with->next != NULL && !with->next->taken) {
        if (last_block == with->next) {
            last_block = with;
        }
        with->size += sizeof(block) + with->next->size;
        with->next = with->next->next;
    }
}

void er_heap_release(void *memory) {
    if (memory == NULL) {
        return;
    }
    block *freed = (block *)memory - 1;
    freed->taken = false;
    for (block *at = first_block; at != NULL; at = at->next) {
        if (!at->taken) {
            merge(at);
        }
    }
}
