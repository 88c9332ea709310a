#include "cleaning.h"

#include "entities.h"
#include "utf8.h"

enum { ROUNDS = 2 }; /* catalogues contain `&amp;quot;`, escaped once too often */

/* Control characters but tab and line ends, and the zero-width space: they separate words. */
static bool is_control(uint32_t point) {
    return point < 0x20 ? point != '\t' && point != '\n' && point != '\r' : point - 0x7F < 0x21 || point == 0x200B;
}

static er_cleaned read(er_text text, uint32_t *points, bool *has_ampersand) {
    er_cleaned cleaned = {0, true, false};
    const uint8_t *bytes = (const uint8_t *)text.bytes;
    size_t size = bytes == NULL ? 0 : text.size, used;
    for (size_t at = 0; at < size; at += used) {
        if (cleaned.count == ER_MOST_POINTS) {
            cleaned.cut = true;
            break;
        }
        uint32_t point = er_read_point(bytes + at, size - at, &used);
        point = point == ER_NO_POINT ? '?' : point;
        *has_ampersand |= point == '&';
        points[cleaned.count++] = point;
    }
    return cleaned;
}

er_cleaned er_clean(er_text text, uint32_t *points) {
    bool has_ampersand = false;
    er_cleaned cleaned = read(text, points, &has_ampersand);
    for (int round = 0; has_ampersand && round < ROUNDS; round++) {
        cleaned.count = er_decode_entities(points, cleaned.count);
    }
    uint32_t all = 0;
    for (uint32_t at = 0; at < cleaned.count; at++) {
        points[at] = is_control(points[at]) ? ' ' : points[at];
        all |= points[at];
    }
    cleaned.is_ascii = all < 0x80;
    return cleaned;
}
