#include "amounts.h"

#include "hashes.h"

enum { MOST_DIGITS = 9, MOST_GROUPS = 4, MOST_OF_GROUP = 3 };

/* First and last of each range of currency signs. */
static const uint16_t CURRENCY[][2] = {
    {'$', '$'},       {0xA2, 0xA5},     {0x58F, 0x58F},   {0x60B, 0x60B},   {0x7FE, 0x7FF},   {0x9F2, 0x9F3},
    {0x9FB, 0x9FB},   {0xAF1, 0xAF1},   {0xBF9, 0xBF9},   {0xE3F, 0xE3F},   {0x17DB, 0x17DB}, {0x20A0, 0x20C0},
    {0xA838, 0xA838}, {0xFDFC, 0xFDFC},
};

static bool is_currency(uint32_t point) {
    for (size_t range = 0; range < sizeof CURRENCY / sizeof *CURRENCY; range++) {
        if (point <= CURRENCY[range][1]) {
            return point >= CURRENCY[range][0];
        }
    }
    return false;
}

static uint32_t count_digits(const uint32_t *points, uint32_t count, uint32_t at, uint32_t most) {
    uint32_t digits = 0;
    while (digits < most && at + digits < count && points[at + digits] - '0' < 10) {
        digits++;
    }
    return digits;
}

static bool is_separator(uint32_t point) { return point == '.' || point == ','; }

/* Where the number that begins at `start` ends; `start` if none does. */
static uint32_t end_of_number(const uint32_t *points, uint32_t count, uint32_t start) {
    uint32_t end = start + count_digits(points, count, start, MOST_DIGITS);
    for (uint32_t group = 0; end > start && group < MOST_GROUPS && end < count && is_separator(points[end]); group++) {
        uint32_t digits = count_digits(points, count, end + 1, MOST_OF_GROUP);
        if (digits == 0) {
            break;
        }
        end += 1 + digits;
    }
    return end;
}

static uint32_t skip_blank(const uint32_t *points, uint32_t count, uint32_t at) {
    return at < count && (points[at] == ' ' || points[at] == 0xA0) ? at + 1 : at;
}

static uint16_t hash_of(uint32_t sign, const uint32_t *number, uint32_t count) {
    if (count > 2 && is_separator(number[count - 2]) && number[count - 1] == '0') {
        count -= 2;
    } else if (count > 3 && is_separator(number[count - 3]) && number[count - 2] == '0' && number[count - 1] == '0') {
        count -= 3;
    }
    uint32_t polynomial = er_spell(0, sign);
    for (uint32_t at = 0; at < count; at++) {
        bool is_of_thousands = is_separator(number[at]) && count_digits(number, count, at + 1, 3) == 3;
        polynomial = is_of_thousands ? polynomial : er_spell(polynomial, number[at]);
    }
    return er_word_hash(polynomial);
}

bool er_next_amount(const uint32_t *points, uint32_t count, uint32_t *at, uint16_t *hash) {
    for (uint32_t start = *at; start < count; start++) {
        uint32_t begin = start, sign = points[start], end;
        if (is_currency(points[start])) {
            begin = skip_blank(points, count, start + 1);
            end = end_of_number(points, count, begin);
            *at = end;
        } else {
            end = end_of_number(points, count, start);
            uint32_t behind = skip_blank(points, count, end);
            bool has_sign = end > start && behind < count && is_currency(points[behind]);
            sign = has_sign ? points[behind] : 0;
            end = has_sign ? end : begin;
            *at = behind + 1;
        }
        if (end > begin) {
            *hash = hash_of(sign, points + begin, end - begin);
            return true;
        }
    }
    return false;
}
