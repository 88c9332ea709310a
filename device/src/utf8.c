#include "utf8.h"

static bool continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* Bytes of a sequence, by its first one; 0 of none. */
static uint32_t length_of(uint8_t first) {
    return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

/* Whether a second byte makes neither a sequence that is too long, nor a surrogate, nor a point beyond the last one. */
static bool may_follow(uint8_t first, uint8_t second) {
    return continues(second) && !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second >= 0xA0) &&
           !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second >= 0x90);
}

uint32_t er_read_point(const uint8_t *bytes, size_t size, size_t *used) {
    uint8_t first = bytes[0];
    *used = 1;
    if (first < 0x80) {
        return first;
    }
    uint32_t length = length_of(first);
    if (length == 0 || size < 2) {
        return ER_NO_POINT;
    }
    if (!may_follow(first, bytes[1])) {
        if (first == 0xED && size > 2 && continues(bytes[1]) && continues(bytes[2])) {
            *used = 3;
        }
        return ER_NO_POINT;
    }
    uint32_t point = first & (0x7Fu >> length);
    for (; *used < length; ++*used) {
        if (*used == size || !continues(bytes[*used])) {
            return ER_NO_POINT;
        }
        point = point << 6 | (bytes[*used] & 0x3F);
    }
    return point;
}

uint32_t er_write_point(uint32_t point, uint8_t *bytes) {
    if (point < 0x80) {
        bytes[0] = (uint8_t)point;
        return 1;
    }
    uint32_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (uint32_t at = length - 1; at > 0; at--) {
        bytes[at] = (uint8_t)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    bytes[0] = (uint8_t)(0xF00u >> length | point); /* 0xC0, 0xE0 or 0xF0 */
    return length;
}

bool er_is_utf8(er_span text) {
    size_t used;
    for (size_t at = 0; at < text.size; at += used) {
        if (er_read_point(text.bytes + at, text.size - at, &used) == ER_NO_POINT) {
            return false;
        }
    }
    return true;
}
