#include "base.h"

#include <stdarg.h>

enum { HEADER = 16 }; /* keeps what follows it aligned */

void *er_take(er_arena *arena, size_t count, size_t size, er_error *error) {
    if (size != 0 && count > (SIZE_MAX - HEADER) / size) {
        er_fail(error, ER_OUT_OF_MEMORY, "more memory is needed than can be addressed");
        return NULL;
    }
    size_t bytes = HEADER + count * size;
    uint8_t *piece = arena->allocator.allocate(arena->allocator.context, bytes);
    if (piece == NULL) {
        er_fail(error, ER_OUT_OF_MEMORY, "there are no %u bytes of memory", bytes);
        return NULL;
    }
    memset(piece, 0, bytes);
    memcpy(piece, &arena->last, sizeof arena->last);
    arena->last = piece;
    arena->taken += bytes;
    return piece + HEADER;
}

void er_give_back(er_arena *arena) {
    /* The arena may itself lie in the piece that goes last. */
    er_allocator allocator = arena->allocator;
    void *piece = arena->last;
    while (piece != NULL) {
        void *before;
        memcpy(&before, piece, sizeof before);
        allocator.release(allocator.context, piece);
        piece = before;
    }
}

bool er_same(er_text one, er_text other) {
    return one.bytes != NULL && other.bytes != NULL && one.size == other.size &&
           memcmp(one.bytes, other.bytes, one.size) == 0;
}

bool er_equals(er_text text, const char *literal) {
    size_t size = 0;
    while (literal[size] != 0) {
        size++;
    }
    return er_same(text, (er_text){literal, size});
}

/* ------------------------------------------------------------------ errors */

typedef struct writer {
    char *next;
    char *end;
} writer;

static void put(writer *to, char letter) {
    if (to->next < to->end) {
        *to->next++ = letter;
    }
}

static void put_number(writer *to, uint64_t number) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0) {
        put(to, digits[--count]);
    }
}

static void put_text(writer *to, er_text text) {
    for (size_t at = 0; at < text.size; at++) {
        char letter = text.bytes[at];
        put(to, (unsigned char)letter < ' ' ? '?' : letter);
    }
}

static void put_argument(writer *to, char kind, va_list *arguments) {
    if (kind == 's') {
        for (const char *from = va_arg(*arguments, const char *); *from != 0; from++) {
            put(to, *from);
        }
    } else if (kind == 't') {
        put_text(to, *va_arg(*arguments, const er_text *));
    } else if (kind == 'u') {
        put_number(to, va_arg(*arguments, size_t));
    } else if (kind == 'd') {
        int64_t number = va_arg(*arguments, int64_t);
        if (number < 0) {
            put(to, '-');
        }
        put_number(to, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    } else {
        put(to, kind);
    }
}

/* Cut where a character of several bytes would be torn apart. */
static char *whole(char *begin, char *end) {
    char *at = end;
    while (at > begin && ((unsigned char)at[-1] & 0xC0) == 0x80) {
        at--;
    }
    if (at == begin || (unsigned char)at[-1] < 0xC0) {
        return end;
    }
    size_t needed = (unsigned char)at[-1] >= 0xF0 ? 4 : (unsigned char)at[-1] >= 0xE0 ? 3 : 2;
    return (size_t)(end - (at - 1)) < needed ? at - 1 : end;
}

bool er_fail(er_error *error, er_status status, const char *format, ...) {
    if (error == NULL) {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    writer to = {error->message, error->message + sizeof error->message - 1};
    for (const char *from = format; *from != 0; from++) {
        if (*from == '%' && from[1] != 0) {
            put_argument(&to, *++from, &arguments);
        } else {
            put(&to, *from);
        }
    }
    va_end(arguments);
    *whole(error->message, to.next) = 0;
    error->status = status;
    return false;
}
