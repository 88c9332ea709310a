#include "seal.h"

#include "decimal.h"

void er_seal_literal(er_sha256 *seal, const char *literal) {
    for (; *literal != 0; literal++) {
        er_sha256_add(seal, literal, 1);
    }
}

static void seal_letter(er_sha256 *seal, uint32_t letter) {
    static const char NAMES[] = "btn?fr", DIGITS[] = "0123456789abcdef";
    char bytes[6] = "\\u00";
    size_t size = 2;
    if (letter == '"' || letter == '\\') {
        bytes[1] = (char)letter;
    } else if (letter >= '\b' && letter <= '\r' && letter != '\v') {
        bytes[1] = NAMES[letter - '\b'];
    } else if (letter < ' ') {
        bytes[4] = DIGITS[letter >> 4];
        bytes[5] = DIGITS[letter & 15];
        size = 6;
    } else {
        size = (size_t)(er_json_put(bytes, letter) - bytes);
    }
    er_sha256_add(seal, bytes, size);
}

void er_seal_text(er_sha256 *seal, const er_span *text, size_t at) {
    er_json_letters letters = er_json_letters_at(text, at);
    uint32_t letter;
    er_seal_literal(seal, "\"");
    while (er_json_letter(&letters, &letter)) {
        seal_letter(seal, letter);
    }
    er_seal_literal(seal, "\"");
}

void er_seal_integer(er_sha256 *seal, const er_span *text, size_t at) {
    size_t end = er_json_end(text, at);
    at += end - at == 2 && text->bytes[at] == '-' && text->bytes[at + 1] == '0'; /* -0 */
    er_sha256_add(seal, text->bytes + at, end - at);
}

static void seal_digits(er_sha256 *seal, const er_decimal_parts *parts, int32_t from, int32_t to) {
    for (int32_t i = from; i < to; i++) {
        char digit = (char)('0' + (i >= 0 && i < (int32_t)parts->count ? parts->digits[i] : 0));
        er_sha256_add(seal, &digit, 1);
    }
}

static void seal_exponent(er_sha256 *seal, int32_t exponent) {
    uint32_t size = (uint32_t)(exponent < 0 ? -exponent : exponent);
    er_seal_literal(seal, exponent < 0 ? "e-" : "e+");
    for (uint32_t unit = size >= 100 ? 100 : size >= 10 ? 10 : 1; unit > 0; unit /= 10) {
        char digit = (char)('0' + size / unit % 10);
        er_sha256_add(seal, &digit, 1);
    }
}

void er_seal_number(er_sha256 *seal, const er_span *text, size_t at) {
    er_decimal_parts parts;
    er_decimal_split(text->bytes + at, er_json_end(text, at) - at, &parts);
    if (parts.negative && (parts.count > 0 || !er_json_is_integer(text, at))) {
        er_seal_literal(seal, "-");
    }
    int32_t count = (int32_t)parts.count;
    int32_t point = count == 0 ? 1 : count + parts.exponent; /* so many digits stand before it */
    if (point < -4 || point > 16) {
        seal_digits(seal, &parts, 0, 1);
        er_seal_literal(seal, count > 1 ? "." : "");
        seal_digits(seal, &parts, 1, count);
        seal_exponent(seal, point - 1);
        return;
    }
    int32_t first = point < 1 ? point - 1 : 0; /* a zero before the point, and those behind it */
    int32_t before = point < 1 ? first + 1 : point;
    seal_digits(seal, &parts, first, before);
    er_seal_literal(seal, ".");
    seal_digits(seal, &parts, before, count > before ? count : before + 1);
}
