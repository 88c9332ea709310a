#include "schema.h"

#include "seal.h"

/* ------------------------------------------------------------------ errors */

bool er_refuse(er_document *document, const char *what) {
    return er_fail(document->error, ER_FILE_INVALID, "%s is not valid: %s%s%s", document->path, document->place,
                   document->place_size > 0 ? " " : "", what);
}

/* Refuse what is not within a range: `must` is "must have", `what` what of, "elements". */
static bool refuse_range(er_document *document, const char *must, const er_range *range, const char *what) {
    return er_fail(document->error, ER_FILE_INVALID, "%s is not valid: %s %s %u to %u%s%s", document->path,
                   document->place, must, (size_t)range->least, (size_t)range->most, *what == 0 ? "" : " ", what);
}

static void put_place(er_document *document, char letter) {
    if (document->place_size < ER_LONGEST_PLACE) {
        document->place[document->place_size++] = letter;
        document->place[document->place_size] = 0;
    }
}

/* Go into a part of the place; returns what `leave` needs to come back. */
static size_t enter(er_document *document) {
    size_t before = document->place_size;
    if (before > 0) {
        put_place(document, '.');
    }
    return before;
}

static void leave(er_document *document, size_t before) {
    document->place_size = before;
    document->place[before] = 0;
}

static size_t enter_field(er_document *document, const char *name) {
    size_t before = enter(document);
    for (; *name != 0; name++) {
        put_place(document, *name);
    }
    return before;
}

/* A key that somebody else chose: what might steer a terminal or read in another direction is not shown. */
static size_t enter_key(er_document *document, size_t key) {
    size_t before = enter(document);
    er_json_letters letters = er_json_letters_at(&document->text, key);
    uint32_t letter;
    while (er_json_letter(&letters, &letter)) {
        put_place(document, letter > ' ' && letter < 0x7F ? (char)letter : '?');
    }
    return before;
}

static size_t enter_element(er_document *document, uint32_t index) {
    size_t before = enter(document);
    uint32_t unit = 1;
    while (index / unit >= 10) {
        unit *= 10;
    }
    for (; unit > 0; unit /= 10) {
        put_place(document, (char)('0' + index / unit % 10));
    }
    return before;
}

bool er_refuse_part(er_document *document, const char *part, const char *what) {
    (void)enter_field(document, part);
    return er_refuse(document, what);
}

static bool is_within(double number, const er_range *range) {
    return number >= range->least && number <= range->most;
}

/* ------------------------------------------------------------------- texts */

/* What can't be printed: controls, formats, surrogates, private use, blanks but one, what is never assigned. */
static const uint32_t UNPRINTABLE[][2] = {
    {0x0, 0x1F},         {0x7F, 0xA0},        {0xAD, 0xAD},       {0x600, 0x605},      {0x61C, 0x61C},
    {0x6DD, 0x6DD},      {0x70F, 0x70F},      {0x890, 0x891},     {0x8E2, 0x8E2},      {0x1680, 0x1680},
    {0x180E, 0x180E},    {0x2000, 0x200F},    {0x2028, 0x202F},   {0x205F, 0x2064},    {0x2066, 0x206F},
    {0x3000, 0x3000},    {0xD800, 0xF8FF},    {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},    {0xFFF9, 0xFFFB},
    {0x110BD, 0x110BD},  {0x110CD, 0x110CD},  {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},  {0x1D173, 0x1D17A},
    {0xE0001, 0xE0001},  {0xE0020, 0xE007F},  {0xF0000, 0x10FFFF},
};

static bool is_printable(uint32_t letter) {
    for (size_t i = 0; i < sizeof UNPRINTABLE / sizeof *UNPRINTABLE; i++) {
        if (letter <= UNPRINTABLE[i][1]) {
            return letter < UNPRINTABLE[i][0] && (letter & 0xFFFE) != 0xFFFE;
        }
    }
    return true;
}

static bool is_alphanumeric(uint32_t letter) {
    uint32_t lower = letter | 0x20;
    return (letter >= '0' && letter <= '9') || (lower >= 'a' && lower <= 'z');
}

static bool is_of_path(uint32_t letter) {
    return is_alphanumeric(letter) || letter == '.' || letter == '_' || letter == '+' || letter == '@' || letter == '-';
}

static bool is_of_word(uint32_t letter) { return is_of_path(letter) && letter != '+' && letter != '@'; }

static bool is_hexadecimal(uint32_t letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

static bool is_no_control(uint32_t letter) { return letter >= ' ' && letter != 0x7F; }

static const struct text_rule {
    bool (*holds)(uint32_t letter); /* what each character must be */
    er_range range;                 /* characters */
    const char *what;               /* says so */
} TEXT_RULES[] = {
    [ER_LINE - ER_LINE] = {is_printable, {0, 16384}, "characters that can be printed"},
    [ER_FILLED - ER_LINE] = {is_printable, {1, 16384}, "characters that can be printed"},
    [ER_NAME - ER_LINE] = {is_printable, {1, 128}, "characters that can be printed"},
    [ER_CLASS - ER_LINE] = {is_no_control, {1, 128}, "characters that are no controls"},
    [ER_WORD - ER_LINE] = {is_of_word, {1, 64}, "characters: letters, digits and . _ -, the first a letter or a digit"},
    [ER_CHECKSUM - ER_LINE] = {is_hexadecimal, {64, 64}, "hexadecimal digits"},
};

static bool check_line(er_document *document, er_field_kind kind, size_t at) {
    const struct text_rule *rule = &TEXT_RULES[kind - ER_LINE];
    er_json_letters letters = er_json_letters_at(&document->text, at);
    uint32_t letter, count = 0;
    bool holds = true;
    while (er_json_letter(&letters, &letter)) {
        holds &= rule->holds(letter) && (kind != ER_WORD || count > 0 || is_alphanumeric(letter));
        count++;
    }
    return (holds && is_within(count, &rule->range)) || refuse_range(document, "must have", &rule->range, rule->what);
}

static bool check_path(er_document *document, size_t at) {
    er_json_letters letters = er_json_letters_at(&document->text, at);
    uint32_t letter, parts = 1, size = 0, dots = 0;
    bool holds = true;
    while (er_json_letter(&letters, &letter)) {
        if (letter == '/') {
            holds &= size > 0 && !(size <= 2 && dots == size);
            parts++;
            size = dots = 0;
        } else {
            holds &= is_of_path(letter) && size < 100;
            size++;
            dots += letter == '.';
        }
    }
    holds &= size > 0 && !(size <= 2 && dots == size) && parts <= 8;
    return holds || er_refuse(document, "must lie inside the folder, in letters, digits and . _ + @ -");
}

/* Which of the choices a text is, from 1; 0, with an error: none. */
static uint32_t check_choice(er_document *document, const char *choices, size_t at) {
    for (uint32_t choice = 1; *choices != 0; choice++) {
        er_json_letters letters = er_json_letters_at(&document->text, at);
        uint32_t letter;
        bool same = true;
        for (; *choices != 0 && *choices != '|'; choices++) {
            same = same && er_json_letter(&letters, &letter) && letter == (uint8_t)*choices;
        }
        if (same && !er_json_letter(&letters, &letter)) {
            return choice;
        }
        choices += *choices == '|';
    }
    er_refuse(document, "is none of the known values");
    return 0;
}

static bool check_text(er_document *document, er_field_kind kind, size_t at) {
    if (er_json_kind_at(&document->text, at) != ER_JSON_STRING) {
        return er_refuse(document, "must be a string");
    }
    return kind == ER_STRING || (kind == ER_PATH ? check_path(document, at) : check_line(document, kind, at));
}

static bool take_text(er_document *document, size_t at, er_text *text) {
    *text = er_json_take(document->arena, &document->text, at, document->error);
    return text->bytes != NULL;
}

static bool read_text(er_document *document, const er_field *field, size_t at, void *to) {
    uint32_t choice = 1;
    if (!check_text(document, field->kind == ER_CHOICE ? ER_STRING : field->kind, at)) {
        return false;
    }
    if (field->kind == ER_CHOICE && (choice = check_choice(document, field->of, at)) == 0) {
        return false;
    }
    if (document->seal != NULL && field->flags & ER_IS_SEAL) {
        er_seal_literal(document->seal, "\"\"");
    } else if (document->seal != NULL) {
        er_seal_text(document->seal, &document->text, at);
    }
    if (to != NULL && field->kind == ER_CHOICE) {
        *(uint32_t *)to = choice;
        return true;
    }
    return to == NULL || take_text(document, at, to);
}

/* ----------------------------------------------------- numbers and booleans */

#define LARGEST 1.7976931348623157e308
#define LEAST 4.9406564584124654e-324

static const struct number_rule {
    double least, most;
    const char *what; /* says so */
} NUMBER_RULES[] = {
    [ER_COUNT - ER_COUNT] = {0, 9007199254740991.0, "must be a whole number from 0 to 9007199254740991"},
    [ER_INTEGER - ER_COUNT] = {-LARGEST, LARGEST, "is a number that is too large"},
    [ER_FINITE - ER_COUNT] = {-LARGEST, LARGEST, "is a number that is too large"},
    [ER_SHARE - ER_COUNT] = {0, 1, "must be a number from 0 to 1"},
    [ER_POSITIVE - ER_COUNT] = {LEAST, LARGEST, "must be a finite number above 0"},
    [ER_WEIGHT - ER_COUNT] = {-1e6, 1e6, "must be a number from -1000000 to 1000000"},
};

static bool check_number(er_document *document, const er_field *field, size_t at, double number) {
    if (field->kind < ER_FINITE && !er_json_is_integer(&document->text, at)) {
        return er_refuse(document, "must be a whole number");
    }
    if (field->kind == ER_WHOLE) {
        return is_within(number, field->of) || refuse_range(document, "must be a whole number from", field->of, "");
    }
    const struct number_rule *rule = &NUMBER_RULES[field->kind - ER_COUNT];
    return (number >= rule->least && number <= rule->most) || er_refuse(document, rule->what);
}

static bool read_number(er_document *document, const er_field *field, size_t at, void *to) {
    bool is_whole = field->kind < ER_FINITE;
    if (er_json_kind_at(&document->text, at) != ER_JSON_NUMBER) {
        return er_refuse(document, "must be a number");
    }
    double number = er_json_number(&document->text, at);
    if (!check_number(document, field, at, number)) {
        return false;
    }
    if (document->seal != NULL) {
        (is_whole ? er_seal_integer : er_seal_number)(document->seal, &document->text, at);
    }
    if (to != NULL && is_whole) {
        *(uint32_t *)to = number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
    } else if (to != NULL) {
        *(double *)to = number;
    }
    return true;
}

static void seal(er_document *document, const char *literal) {
    if (document->seal != NULL) {
        er_seal_literal(document->seal, literal);
    }
}

static bool read_boolean(er_document *document, size_t at, void *to) {
    er_json_kind kind = er_json_kind_at(&document->text, at);
    if (kind != ER_JSON_TRUE && kind != ER_JSON_FALSE) {
        return er_refuse(document, "must be true or false");
    }
    seal(document, kind == ER_JSON_TRUE ? "true" : "false");
    if (to != NULL) {
        *(bool *)to = kind == ER_JSON_TRUE;
    }
    return true;
}

/* -------------------------------------------------------- arrays and tables */

/*
 * Read a single value into `to`; NULL: nowhere. This and the functions that follow call each other as deep as a schema
 * is, not as a document is.
 */
static bool read_object(er_document *document, const er_schema *schema, size_t at, uint8_t *structure);

static bool read_one(er_document *document, const er_field *field, size_t at, void *to) {
    if (field->kind == ER_OBJECT) {
        return read_object(document, field->of, at, to);
    }
    if (field->kind == ER_BOOLEAN) {
        return read_boolean(document, at, to);
    }
    return field->kind < ER_STRING ? read_number(document, field, at, to) : read_text(document, field, at, to);
}

static bool is_before(er_text one, er_text other) {
    int order = memcmp(one.bytes, other.bytes, one.size < other.size ? one.size : other.size);
    return order < 0 || (order == 0 && one.size < other.size);
}

/* Read an entry of a table of files, and put it where it belongs. */
static bool read_listing(er_document *document, const er_field *field, const er_json_items *items) {
    er_listing listing = {0};
    er_arena *arena = document->arena;
    if (document->file_count == document->most_files) {
        return er_refuse(document, "is one file too many");
    }
    document->arena = document->scratch;
    bool read = check_text(document, ER_PATH, items->key) && take_text(document, items->key, &listing.path) &&
                read_one(document, field, items->value, &listing);
    document->arena = arena;
    if (!read) {
        return false;
    }
    size_t place = document->file_count++;
    for (; place > 0 && is_before(listing.path, document->files[place - 1].path); place--) {
        document->files[place] = document->files[place - 1];
    }
    document->files[place] = listing;
    return true;
}

static bool read_item(er_document *document, const er_field *field, const er_json_items *items, uint32_t index,
                      void *to) {
    size_t before = items->keyed ? enter_key(document, items->key) : enter_element(document, index);
    bool read = field->flags & ER_LISTED ? read_listing(document, field, items)
                                         : (!items->keyed || check_text(document, ER_LINE, items->key)) &&
                                               read_one(document, field, items->value, to);
    if (read) {
        leave(document, before);
    }
    return read;
}

static uint32_t count_of(er_json_items items) {
    uint32_t count = 0;
    while (er_json_next(&items)) {
        count++;
    }
    return count;
}

/* Read an array or a table. */
static bool read_many(er_document *document, const er_field *field, size_t at, er_texts *to) {
    bool keyed = !(field->flags & ER_MANY);
    if (er_json_kind_at(&document->text, at) != (keyed ? ER_JSON_OBJECT : ER_JSON_ARRAY)) {
        return er_refuse(document, keyed ? "must be an object" : "must be an array");
    }
    er_json_items items = er_json_items_at(&document->text, at);
    uint32_t count = count_of(items);
    if (field->kind != ER_OBJECT && !is_within(count, field->of)) {
        return refuse_range(document, "must have", field->of, "elements");
    }
    er_text *texts = to != NULL ? er_take(document->arena, count, sizeof *texts, document->error) : NULL;
    if (to != NULL && texts == NULL) {
        return false;
    }
    seal(document, "[");
    for (uint32_t i = 0; i < count && er_json_next(&items); i++) {
        seal(document, i > 0 ? "," : "");
        if (!read_item(document, field, &items, i, texts != NULL ? texts + i : NULL)) {
            return false;
        }
    }
    seal(document, "]");
    if (to != NULL) {
        *to = (er_texts){texts, count};
    }
    return true;
}

/* ------------------------------------------------------------------ objects */

/* Find where the values of fields begin; 0: it is not there. */
static bool find_fields(er_document *document, const er_schema *schema, size_t at, size_t *values) {
    er_json_items items = er_json_items_at(&document->text, at);
    while (er_json_next(&items)) {
        size_t i = 0;
        while (i < schema->count && !er_json_is(&document->text, items.key, schema->fields[i].name)) {
            i++;
        }
        if (i == schema->count || values[i] != 0) {
            (void)enter_key(document, items.key);
            return er_refuse(document, i == schema->count ? "is not a known field" : "is there twice");
        }
        values[i] = items.value;
    }
    return true;
}

static bool seal_absent(er_document *document, const er_field *field) {
    static const char *const LITERALS[] = {
        [ER_NULL] = "null", [ER_ZERO] = "0", [ER_ONE] = "1", [ER_EMPTY] = "[]", [ER_FIRST] = "\""};
    seal(document, LITERALS[field->absent]);
    if (field->absent == ER_FIRST) {
        seal(document, field->of);
        seal(document, LITERALS[ER_FIRST]);
    }
    return true;
}

static bool read_field(er_document *document, const er_field *field, size_t at, uint8_t *structure) {
    if (at == 0) {
        return field->absent != ER_REQUIRED ? seal_absent(document, field) : er_refuse(document, "is missing");
    }
    bool is_stored = structure != NULL && (field->to > 0 || field->kind == ER_OBJECT);
    uint8_t *to = is_stored ? structure + (field->to > 0 ? field->to - 1 : 0) : NULL;
    if (to != NULL && field->flags & ER_NOTED) {
        *(bool *)to = true;
        to = NULL;
    }
    if (field->flags & (ER_MANY | ER_KEYED | ER_LISTED)) {
        return read_many(document, field, at, field->kind == ER_OBJECT ? NULL : (er_texts *)(void *)to);
    }
    return read_one(document, field, at, to);
}

static bool read_object(er_document *document, const er_schema *schema, size_t at, uint8_t *structure) {
    size_t values[ER_MOST_FIELDS] = {0};
    const char *between = "{\"";
    if (er_json_kind_at(&document->text, at) != ER_JSON_OBJECT) {
        return er_refuse(document, "must be an object");
    }
    if (!find_fields(document, schema, at, values)) {
        return false;
    }
    for (size_t i = 0; i < schema->count; i++) {
        const er_field *field = &schema->fields[i];
        bool is_null = field->flags & ER_NULLABLE && er_json_kind_at(&document->text, values[i]) == ER_JSON_NULL;
        size_t value = is_null ? 0 : values[i];
        if (value == 0 && field->flags & ER_UNSEALED) {
            continue;
        }
        seal(document, between);
        seal(document, field->name);
        seal(document, "\":");
        between = ",\"";
        size_t before = enter_field(document, field->name);
        if (!read_field(document, field, value, structure)) {
            return false;
        }
        leave(document, before);
    }
    seal(document, "}");
    return true;
}

bool er_read_document(er_document *document, const er_schema *schema, void *structure) {
    return read_object(document, schema, er_json_root(&document->text), structure);
}

/* ---------------------------------------------------------------- documents */

static bool check_version(er_document *document, const er_range *versions) {
    er_json_items items = er_json_items_at(&document->text, er_json_root(&document->text));
    while (er_json_next(&items)) {
        if (er_json_is(&document->text, items.key, "schema_version") &&
            er_json_kind_at(&document->text, items.value) == ER_JSON_NUMBER &&
            !is_within(er_json_number(&document->text, items.value), versions)) {
            return er_fail(document->error, ER_UNSUPPORTED,
                           "%s has a schema_version that this library does not read: it reads %u to %u", document->path,
                           (size_t)versions->least, (size_t)versions->most);
        }
    }
    return true;
}

bool er_open_document(er_document *document, const er_file *file, size_t most, const er_range *versions,
                      er_error *error) {
    size_t wrong;
    *document = (er_document){.text = {file->bytes, file->size}, .path = file->path, .error = error};
    if (file->size > most) {
        return er_fail(error, ER_FILE_INVALID, "%s is larger than %u bytes", file->path, most);
    }
    if (!er_json_check(&document->text, &wrong)) {
        return er_fail(error, ER_FILE_INVALID, "%s is not JSON: byte %u is wrong", file->path, wrong);
    }
    if (er_json_kind_at(&document->text, er_json_root(&document->text)) != ER_JSON_OBJECT) {
        return er_refuse(document, "it is not an object");
    }
    return check_version(document, versions);
}
