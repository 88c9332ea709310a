#include "entities.h"

#include "character_tables.h"

enum { LAST_POINT = 0x10FFFF, REPLACEMENT = 0xFFFD, MOST_DIGITS = 7, MOST_HEXADECIMAL = 6, LEAST_NAME = 2, MOST_NAME = 8 };

/* Browsers, and therefore page authors, read the numbers 128 to 159 as Windows-1252; five stand for nothing. */
static const uint16_t WINDOWS_1252[32] = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D,
    0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD,
    0x017E, 0x0178,
};

static bool is_digit(uint32_t point) { return point - '0' < 10; }
static bool is_letter(uint32_t point) { return (point | 0x20) - 'a' < 26; }
static bool is_hexadecimal(uint32_t point) { return is_digit(point) || (point | 0x20) - 'a' < 6; }

/* The code point that a name of `length` letters stands for; 0 if it stands for none. */
static uint32_t named(const uint32_t *name, uint32_t length) {
    uint32_t point = 0;
    for (const uint8_t *at = er_entity_table; *at == ' ';) {
        at++;
        if (is_digit(*at)) {
            for (point = 0; is_digit(*at); at++) {
                point = 10 * point + *at - '0';
            }
            continue;
        }
        uint32_t same = 0;
        while (same < length && at[same] == name[same]) {
            same++;
        }
        if (same == length && !is_digit(at[same]) && !is_letter(at[same])) {
            return point;
        }
        while (*at > ' ') {
            at++;
        }
        point++;
    }
    return 0;
}

static uint32_t number(const uint32_t *digits, uint32_t length, uint32_t base) {
    uint32_t value = 0;
    for (uint32_t at = 0; at < length; at++) {
        value = value * base + (is_digit(digits[at]) ? digits[at] - '0' : (digits[at] | 0x20) - 'a' + 10);
    }
    return value;
}

/* How many of the first `most` code points are of a kind. */
static uint32_t span(const uint32_t *points, uint32_t count, uint32_t most, bool (*is)(uint32_t point)) {
    uint32_t length = 0;
    while (length < er_least(count, most) && is(points[length])) {
        length++;
    }
    return length;
}

static bool is_letter_or_digit(uint32_t point) { return is_letter(point) || is_digit(point); }

/* How many code points the entity after an ampersand has, without its semicolon, and what it may stand for. */
static uint32_t measure(const uint32_t *points, uint32_t count, uint32_t *point) {
    if (count > 1 && points[0] == '#' && (points[1] | 0x20) == 'x') {
        uint32_t digits = span(points + 2, count - 2, MOST_HEXADECIMAL, is_hexadecimal);
        *point = number(points + 2, digits, 16);
        return digits > 0 ? 2 + digits : 0;
    }
    if (count > 0 && points[0] == '#') {
        uint32_t digits = span(points + 1, count - 1, MOST_DIGITS, is_digit);
        *point = number(points + 1, digits, 10);
        return digits > 0 ? 1 + digits : 0;
    }
    if (count == 0 || !is_letter(points[0])) {
        return 0;
    }
    uint32_t letters = span(points, count, MOST_NAME, is_letter_or_digit);
    bool is_name = letters >= LEAST_NAME && letters < count && points[letters] == ';';
    *point = is_name ? named(points, letters) : 0;
    /* Only numbers stand for U+0000. */
    return *point != 0 ? letters : 0;
}

uint32_t er_decode_entities(uint32_t *points, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t at = 0; at < count; at++) {
        points[kept] = points[at];
        if (points[at] == '&') {
            uint32_t point = 0, length = measure(points + at + 1, count - at - 1, &point);
            bool is_whole = length > 0 && at + 1 + length < count && points[at + 1 + length] == ';';
            if (is_whole && point <= LAST_POINT && (point < 0xD800 || point >= 0xE000)) {
                points[kept] = point >= 0x80 && point < 0xA0 ? WINDOWS_1252[point - 0x80] : point;
                at += length + 1;
            }
        }
        kept++;
    }
    return kept;
}
