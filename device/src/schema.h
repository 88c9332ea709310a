/*
 * What a JSON document must look like, in tables, and where its values go; reading is as strict as the service is
 * (pydantic, strict mode).
 */
#ifndef ER_SCHEMA_H
#define ER_SCHEMA_H

#include "files.h"
#include "json.h"

enum { ER_MOST_FIELDS = 16, ER_LONGEST_PLACE = 120 };

/* The type of a field, and the type of what is stored of it. */
typedef enum er_field_kind {
    ER_BOOLEAN,  /* bool */
    ER_WHOLE,    /* a whole number within the er_range in `of`: uint32_t */
    ER_COUNT,    /* a whole number from 0 to 2 ** 53 - 1, which doubles hold exactly: uint32_t, at most its largest */
    ER_INTEGER,  /* a whole number within the range of doubles; not stored */
    ER_FINITE,   /* a number: double */
    ER_SHARE,    /* a number from 0 to 1: double */
    ER_POSITIVE, /* a number above 0: double */
    ER_WEIGHT,   /* a number from -1,000,000 to 1,000,000: double */
    ER_STRING,   /* any text: er_text, as all that follow */
    ER_LINE,     /* at most 16,384 characters that can be printed */
    ER_FILLED,   /* the same, 1 at least */
    ER_NAME,     /* 1 to 128 characters that can be printed */
    ER_CLASS,    /* 1 to 128 characters without controls */
    ER_WORD,     /* 1 to 64 letters, digits and . _ -, the first a letter or a digit */
    ER_CHECKSUM, /* 64 hexadecimal digits in lower case */
    ER_PATH,     /* of a file inside a folder, portable */
    ER_CHOICE,   /* one of the texts in `of`, with | between them: uint32_t, 1 for the first */
    ER_OBJECT,   /* of the er_schema in `of`; its fields go where they say, further on by `to` */
} er_field_kind;

typedef enum er_field_flags {
    ER_NULLABLE = 1, /* null is the same as absent, and sealed as that */
    ER_MANY = 2,     /* an array of such values; of texts, as many as the er_range in `of` says: er_texts */
    ER_KEYED = 4,    /* an object of such values, under keys of the kind ER_LINE; not stored, never sealed */
    ER_LISTED = 8,   /* an object of files, under their paths: into the document's `files`; never sealed */
    ER_UNSEALED = 16, /* not sealed where it is absent */
    ER_IS_SEAL = 32,  /* sealed as an empty text */
    ER_NOTED = 64,    /* of an object: a bool, true where it is there; its fields are not stored */
} er_field_flags;

typedef struct er_range {
    uint32_t least, most;
} er_range;

/* What a field that is not there stands for. */
typedef enum er_field_absent {
    ER_REQUIRED, /* it must be there */
    ER_NULL,
    ER_ZERO,
    ER_ONE,
    ER_EMPTY, /* an empty array */
    ER_FIRST, /* the first, and only, choice */
} er_field_absent;

typedef struct er_field {
    const char *name;
    const void *of;
    unsigned to : 16;    /* where the value is stored: ER_TO; 0: nowhere. Where there is none, what was there stays */
    unsigned flags : 8;  /* er_field_flags */
    unsigned kind : 5;   /* er_field_kind */
    unsigned absent : 3; /* er_field_absent */
} er_field;

#define ER_TO(type, member) (1 + offsetof(type, member))

/* An object that has these fields and no others. */
typedef struct er_schema {
    const er_field *fields;
    size_t count; /* ER_MOST_FIELDS at most */
} er_schema;

/* The schema of a table of fields. */
#define ER_SCHEMA(table) {(table), sizeof(table) / sizeof *(table)}

typedef struct er_texts {
    const er_text *texts; /* [count] */
    uint32_t count;
} er_texts;

typedef struct er_document {
    er_span text;
    const char *path;
    er_arena *arena;   /* where texts go */
    er_arena *scratch; /* where those of `files` go */
    er_error *error;
    er_listing *files; /* [most_files], in the order of their paths */
    size_t file_count;
    size_t most_files;
    er_sha256 *seal; /* NULL, or what takes the document in, as pydantic would write it without blanks */
    size_t place_size;
    char place[ER_LONGEST_PLACE + 1]; /* of what is being read: "files.vocab.txt.bytes", 0 at its end */
} er_document;

/*
 * Check that a file is JSON of at most `most` bytes, and an object. ER_UNSUPPORTED: its `schema_version` is another
 * than `versions`.
 */
bool er_open_document(er_document *document, const er_file *file, size_t most, const er_range *versions,
                      er_error *error);

/*
 * Read the document and store its values in a structure.
 *
 * error      "manifest.json is not valid: model.layers is missing"; texts of the document are not repeated.
 */
bool er_read_document(er_document *document, const er_schema *schema, void *structure);

/* Fill in an error that says what is wrong with the document; false. */
bool er_refuse(er_document *document, const char *what);

/* The same of a part of it: "vocab.txt", "is too large". */
bool er_refuse_part(er_document *document, const char *part, const char *what);

#endif
