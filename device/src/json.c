#include "json.h"

static uint8_t byte_at(const er_span *text, size_t at) { return at < text->size ? text->bytes[at] : 0; }

static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

static size_t skip_blank(const er_span *text, size_t at) {
    for (;; at++) {
        uint8_t byte = byte_at(text, at);
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') {
            return at;
        }
    }
}

/* ----------------------------------------------------------------- strings */

/* Read a character of several bytes; false: it is not UTF-8. */
static bool read_long_letter(er_json_letters *letters, uint32_t *letter) {
    uint8_t first = *letters->next;
    size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || (size_t)(letters->end - letters->next) <= more) {
        return false;
    }
    uint32_t code = first & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        uint8_t byte = letters->next[i];
        if ((byte & 0xC0) != 0x80) {
            return false;
        }
        code = code << 6 | (byte & 0x3F);
    }
    bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return false;
    }
    letters->next += more + 1;
    *letter = code;
    return true;
}

/* Read the four digits of an escape, after its `u`. */
static bool read_digits(er_json_letters *letters, uint32_t *code) {
    if (letters->end - letters->next < 4) {
        return false;
    }
    *code = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t byte = *letters->next++, lower = byte | 0x20;
        if (!is_digit(byte) && (lower < 'a' || lower > 'f')) {
            return false;
        }
        *code = *code << 4 | (is_digit(byte) ? byte - '0' : lower - 'a' + 10u);
    }
    return true;
}

/* Read the rest of an escape of UTF-16, after its backslash and `u`. */
static bool read_unit(er_json_letters *letters, uint32_t *letter) {
    uint32_t low;
    if (!read_digits(letters, letter)) {
        return false;
    }
    if (*letter < 0xD800 || *letter > 0xDFFF) {
        return true;
    }
    if (*letter > 0xDBFF || letters->end - letters->next < 2 || letters->next[0] != '\\' || letters->next[1] != 'u') {
        return false;
    }
    letters->next += 2;
    if (!read_digits(letters, &low) || low < 0xDC00 || low > 0xDFFF) {
        return false;
    }
    *letter = 0x10000 + ((*letter - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static bool read_escape(er_json_letters *letters, uint32_t *letter) {
    static const char NAMES[] = "\"\\/bfnrt", MEANINGS[] = "\"\\/\b\f\n\r\t";
    if (letters->next == letters->end) {
        return false;
    }
    uint8_t name = *letters->next++;
    if (name == 'u') {
        return read_unit(letters, letter);
    }
    for (size_t i = 0; i < sizeof NAMES - 1; i++) {
        if ((uint8_t)NAMES[i] == name) {
            *letter = (uint8_t)MEANINGS[i];
            return true;
        }
    }
    return false;
}

/* Where there is no character, at the end or at one that is wrong, `next` stays. */
bool er_json_letter(er_json_letters *letters, uint32_t *letter) {
    const uint8_t *begin = letters->next;
    if (begin == letters->end || *begin == '"' || *begin < ' ') {
        return false;
    }
    if (*begin >= 0x80) {
        return read_long_letter(letters, letter);
    }
    *letter = *letters->next++;
    if (*letter == '\\' && !read_escape(letters, letter)) {
        letters->next = begin;
        return false;
    }
    return true;
}

er_json_letters er_json_letters_at(const er_span *text, size_t at) {
    size_t begin = at < text->size ? at + 1 : text->size;
    return (er_json_letters){text->bytes + begin, text->bytes + text->size};
}

bool er_json_is(const er_span *text, size_t at, const char *ascii) {
    er_json_letters letters = er_json_letters_at(text, at);
    uint32_t letter;
    while (er_json_letter(&letters, &letter)) {
        if (*ascii == 0 || letter != (uint8_t)*ascii++) {
            return false;
        }
    }
    return *ascii == 0;
}

char *er_json_put(char *to, uint32_t letter) {
    if (letter < 0x80) {
        *to++ = (char)letter;
        return to;
    }
    int more = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
    *to++ = (char)((0xFFu << (7 - more) & 0xFF) | letter >> 6 * more);
    while (more-- > 0) {
        *to++ = (char)(0x80 | (letter >> 6 * more & 0x3F));
    }
    return to;
}

er_text er_json_take(er_arena *arena, const er_span *text, size_t at, er_error *error) {
    /* Escapes are longer than what they stand for. */
    char *bytes = er_take(arena, er_json_end(text, at) - at + 1, 1, error);
    if (bytes == NULL) {
        return (er_text){NULL, 0};
    }
    er_json_letters letters = er_json_letters_at(text, at);
    char *to = bytes;
    uint32_t letter;
    while (er_json_letter(&letters, &letter)) {
        to = er_json_put(to, letter);
    }
    return (er_text){bytes, (size_t)(to - bytes)};
}

/* ----------------------------------------------------------------- walking */

size_t er_json_root(const er_span *text) { return skip_blank(text, 0); }

er_json_kind er_json_kind_at(const er_span *text, size_t at) {
    switch (byte_at(text, at)) {
    case '{':
        return ER_JSON_OBJECT;
    case '[':
        return ER_JSON_ARRAY;
    case '"':
        return ER_JSON_STRING;
    case 't':
        return ER_JSON_TRUE;
    case 'f':
        return ER_JSON_FALSE;
    case 'n':
        return ER_JSON_NULL;
    default:
        return byte_at(text, at) == '-' || is_digit(byte_at(text, at)) ? ER_JSON_NUMBER : ER_JSON_NOTHING;
    }
}

static size_t end_of_string(const er_span *text, size_t at) {
    for (at++; at < text->size && text->bytes[at] != '"'; at++) {
        at += text->bytes[at] == '\\';
    }
    return at < text->size ? at + 1 : text->size;
}

static size_t end_of_word(const er_span *text, size_t at) {
    for (;; at++) {
        uint8_t byte = byte_at(text, at), lower = byte | 0x20;
        if (!is_digit(byte) && (lower < 'a' || lower > 'z') && byte != '-' && byte != '+' && byte != '.') {
            return at;
        }
    }
}

size_t er_json_end(const er_span *text, size_t at) {
    size_t depth = 0;
    do {
        uint8_t byte = byte_at(text, at);
        if (byte == '"') {
            at = end_of_string(text, at);
        } else if (byte == '{' || byte == '[') {
            depth++;
            at++;
        } else if (byte == '}' || byte == ']') {
            depth--;
            at++;
        } else {
            size_t end = end_of_word(text, at);
            at = end == at && depth > 0 ? at + 1 : end; /* blanks, colons, commas */
        }
    } while (depth > 0 && at < text->size);
    return at;
}

er_json_items er_json_items_at(const er_span *text, size_t at) {
    return (er_json_items){text, skip_blank(text, at + 1), at, at, byte_at(text, at) == '{'};
}

bool er_json_next(er_json_items *items) {
    const er_span *text = items->text;
    size_t at = items->next;
    if (at >= text->size || text->bytes[at] == '}' || text->bytes[at] == ']') {
        return false;
    }
    items->key = at;
    if (items->keyed) {
        at = skip_blank(text, skip_blank(text, er_json_end(text, at)) + 1);
    }
    items->value = at;
    at = skip_blank(text, er_json_end(text, at));
    bool ends = byte_at(text, at) != ',';
    items->next = ends ? text->size : skip_blank(text, at + 1);
    return true;
}

/* ---------------------------------------------------------------- checking */

typedef struct checker {
    const er_span *text;
    size_t at;
    uint64_t objects; /* a bit for each value that is open: whether it is an object; the innermost lowest */
    uint32_t depth;
} checker;

static bool skip(checker *check, uint8_t byte) {
    bool found = byte_at(check->text, check->at) == byte;
    check->at += found;
    return found;
}

static bool skip_digits(checker *check) {
    size_t begin = check->at;
    while (is_digit(byte_at(check->text, check->at))) {
        check->at++;
    }
    return check->at > begin;
}

static bool check_number(checker *check) {
    size_t begin = check->at;
    (void)skip(check, '-');
    if (!skip(check, '0') && !skip_digits(check)) {
        return false;
    }
    if (skip(check, '.') && !skip_digits(check)) {
        return false;
    }
    if (skip(check, 'e') || skip(check, 'E')) {
        (void)(skip(check, '-') || skip(check, '+'));
        if (!skip_digits(check)) {
            return false;
        }
    }
    return check->at - begin <= ER_JSON_LONGEST_NUMBER;
}

static bool check_string(checker *check) {
    er_json_letters letters = er_json_letters_at(check->text, check->at);
    uint32_t letter;
    if (byte_at(check->text, check->at) != '"') {
        return false;
    }
    while (er_json_letter(&letters, &letter)) {
    }
    check->at = (size_t)(letters.next - check->text->bytes);
    return skip(check, '"');
}

static bool check_word(checker *check, const char *word) {
    for (; *word != 0; word++) {
        if (!skip(check, (uint8_t)*word)) {
            return false;
        }
    }
    return true;
}

/* Check a value that has no others in it. */
static bool check_scalar(checker *check) {
    switch (er_json_kind_at(check->text, check->at)) {
    case ER_JSON_STRING:
        return check_string(check);
    case ER_JSON_NUMBER:
        return check_number(check);
    case ER_JSON_TRUE:
        return check_word(check, "true");
    case ER_JSON_FALSE:
        return check_word(check, "false");
    case ER_JSON_NULL:
        return check_word(check, "null");
    default:
        return false;
    }
}

static bool check_key(checker *check) {
    check->at = skip_blank(check->text, check->at);
    if (!check_string(check)) {
        return false;
    }
    check->at = skip_blank(check->text, check->at);
    return skip(check, ':');
}

static bool open_value(checker *check, bool is_object) {
    if (check->depth == ER_JSON_DEEPEST) {
        return false;
    }
    check->at++;
    check->depth++;
    check->objects = check->objects << 1 | is_object;
    return true;
}

/* Go on after a value, to where the next one begins or all are closed. */
static bool close_values(checker *check) {
    while (check->depth > 0) {
        bool in_object = check->objects & 1;
        check->at = skip_blank(check->text, check->at);
        if (skip(check, ',')) {
            return !in_object || check_key(check);
        }
        if (!skip(check, in_object ? '}' : ']')) {
            return false;
        }
        check->objects >>= 1;
        check->depth--;
    }
    return true;
}

static bool check_value(checker *check) {
    check->at = skip_blank(check->text, check->at);
    er_json_kind kind = er_json_kind_at(check->text, check->at);
    if (kind != ER_JSON_OBJECT && kind != ER_JSON_ARRAY) {
        return check_scalar(check) && close_values(check);
    }
    bool is_object = kind == ER_JSON_OBJECT;
    if (!open_value(check, is_object)) {
        return false;
    }
    size_t inside = skip_blank(check->text, check->at);
    if (byte_at(check->text, inside) == (is_object ? '}' : ']')) {
        return close_values(check);
    }
    return !is_object || check_key(check);
}

bool er_json_check(const er_span *text, size_t *wrong) {
    checker check = {text, 0, 0, 0};
    bool right;
    do {
        right = check_value(&check);
    } while (right && check.depth > 0);
    if (right) {
        check.at = skip_blank(text, check.at);
        right = check.at == text->size;
    }
    *wrong = check.at;
    return right;
}

/* ----------------------------------------------------------------- numbers */

bool er_json_is_integer(const er_span *text, size_t at) {
    for (size_t end = er_json_end(text, at); at < end; at++) {
        uint8_t byte = text->bytes[at];
        if (byte == '.' || byte == 'e' || byte == 'E') {
            return false;
        }
    }
    return true;
}

double er_json_number(const er_span *text, size_t at) {
    size_t end = er_json_end(text, at);
    return at < end ? er_decimal(text->bytes + at, end - at) : 0;
}
