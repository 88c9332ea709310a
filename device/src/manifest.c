#include "manifest.h"

enum {
    MOST_BYTES = 1024 * 1024,
    MOST_FILES = 256,
    MOST_FILE_BYTES = 512 * 1024 * 1024,
    MOST_VOCABULARY_BYTES = 16 * 1024 * 1024,
    MOST_RANKER_BYTES = 1024 * 1024,
    MOST_LAYERS = 256,
    MOST_PRODUCT = 1 << 28, /* numbers of a matrix: 1 GiB as float32 */
};

/* What is read of manifest.json. */
typedef struct contents {
    er_manifest manifest;
    er_texts classes;
    uint32_t task_kind; /* 0: no task model; 1: of texts; 2: of pairs */
    bool has_grades;
} contents;

/* ------------------------------------------------------------------ schema */

static const er_range VERSIONS = {1, 1}, SIZES = {0, 1000000}, DIMENSIONS = {1, 4096}, LENGTHS = {3, 2048},
                      RULES_VERSIONS = {1, 2}, CLASS_COUNTS = {0, ER_MOST_CLASSES}, BYTES = {0, MOST_FILE_BYTES};

static const er_field FILE_TABLE[] = {
    {.name = "bytes", .kind = ER_WHOLE, .of = &BYTES, .to = ER_TO(er_listing, size)},
    {.name = "sha256", .kind = ER_CHECKSUM, .to = ER_TO(er_listing, sha256)},
    {.name = "device", .kind = ER_BOOLEAN, .to = ER_TO(er_listing, device)},
};
static const er_schema FILE_ENTRY = ER_SCHEMA(FILE_TABLE);

static const er_field SHAPE_TABLE[] = {
    {.name = "layers", .kind = ER_WHOLE, .of = &SIZES, .to = ER_TO(er_manifest, layers)},
    {.name = "hidden_size", .kind = ER_WHOLE, .of = &SIZES, .to = ER_TO(er_manifest, hidden_size)},
    {.name = "embedding_size", .kind = ER_WHOLE, .of = &SIZES, .to = ER_TO(er_manifest, embedding_size)},
    {.name = "intermediate_size", .kind = ER_WHOLE, .of = &SIZES, .to = ER_TO(er_manifest, intermediate_size)},
    {.name = "attention_heads", .kind = ER_WHOLE, .of = &SIZES, .to = ER_TO(er_manifest, attention_heads)},
    {.name = "vocabulary_size", .kind = ER_WHOLE, .of = &SIZES, .to = ER_TO(er_manifest, vocabulary_size)},
    {.name = "dimension", .kind = ER_WHOLE, .of = &DIMENSIONS, .to = ER_TO(er_manifest, dimension)},
    {.name = "max_length", .kind = ER_WHOLE, .of = &LENGTHS, .to = ER_TO(er_manifest, max_length)},
};
static const er_schema SHAPE = ER_SCHEMA(SHAPE_TABLE);

static const er_field RULES_TABLE[] = {
    {.name = "lowercase", .kind = ER_BOOLEAN, .to = ER_TO(er_rules, lowercase)},
    {.name = "strip_accents", .kind = ER_BOOLEAN, .to = ER_TO(er_rules, strip_accents)},
    {.name = "version", .kind = ER_WHOLE, .of = &RULES_VERSIONS, .to = ER_TO(er_rules, version), .absent = ER_ONE},
};
static const er_schema RULES = ER_SCHEMA(RULES_TABLE);

static const er_field MODULE_TABLE[] = {
    {.name = "scheme", .kind = ER_LINE},
    {.name = "parameters", .kind = ER_COUNT},
    {.name = "bytes", .kind = ER_COUNT},
};
static const er_schema MODULE = ER_SCHEMA(MODULE_TABLE);

static const er_field COMPANION_TABLE[] = {
    {.name = "model", .kind = ER_LINE},
    {.name = "weight", .kind = ER_FINITE},
    {.name = "identity", .kind = ER_LINE},
};
static const er_schema COMPANION = ER_SCHEMA(COMPANION_TABLE);

static const er_field SOURCE_TABLE[] = {
    {.name = "name", .kind = ER_LINE},
    {.name = "texts", .kind = ER_COUNT},
    {.name = "sha256", .kind = ER_LINE},
    {.name = "licence", .kind = ER_LINE},
};
static const er_schema SOURCE = ER_SCHEMA(SOURCE_TABLE);

static const er_field TRAINING_TABLE[] = {
    {.name = "teacher", .kind = ER_LINE},
    {.name = "teacher_sha256", .kind = ER_LINE},
    {.name = "companions", .kind = ER_OBJECT, .of = &COMPANION, .flags = ER_MANY, .absent = ER_EMPTY},
    {.name = "objective", .kind = ER_LINE},
    {.name = "start", .kind = ER_LINE, .flags = ER_NULLABLE, .absent = ER_NULL},
    {.name = "seed", .kind = ER_INTEGER},
    {.name = "tool", .kind = ER_LINE},
    {.name = "sources", .kind = ER_OBJECT, .of = &SOURCE, .flags = ER_MANY},
};
static const er_schema TRAINING = ER_SCHEMA(TRAINING_TABLE);

static const er_field FIGURE_TABLE[] = {
    {.name = "task", .kind = ER_LINE},  {.name = "metric", .kind = ER_LINE},    {.name = "value", .kind = ER_FINITE},
    {.name = "split", .kind = ER_LINE}, {.name = "examples", .kind = ER_COUNT},
};
static const er_schema FIGURE = ER_SCHEMA(FIGURE_TABLE);

static const er_field GRADES_TABLE[] = {
    {.name = "low", .kind = ER_FINITE},
    {.name = "high", .kind = ER_FINITE},
};
static const er_schema GRADES = ER_SCHEMA(GRADES_TABLE);

static const er_field TASK_TABLE[] = {
    {.name = "kind", .kind = ER_CHOICE, .of = "text|pair", .to = ER_TO(contents, task_kind)},
    {.name = "classes",
     .kind = ER_NAME,
     .of = &CLASS_COUNTS,
     .to = ER_TO(contents, classes),
     .flags = ER_MANY,
     .absent = ER_EMPTY},
    {.name = "grades",
     .kind = ER_OBJECT,
     .of = &GRADES,
     .to = ER_TO(contents, has_grades),
     .flags = ER_NULLABLE | ER_NOTED,
     .absent = ER_NULL},
};
static const er_schema TASK = ER_SCHEMA(TASK_TABLE);

static const er_field MANIFEST_TABLE[] = {
    {.name = "schema_version", .kind = ER_WHOLE, .of = &VERSIONS},
    {.name = "name", .kind = ER_NAME, .to = ER_TO(er_manifest, name)},
    {.name = "revision", .kind = ER_CHECKSUM, .to = ER_TO(er_manifest, revision)},
    {.name = "model", .kind = ER_OBJECT, .of = &SHAPE},
    {.name = "tokenizer", .kind = ER_OBJECT, .of = &RULES, .to = ER_TO(er_manifest, rules)},
    {.name = "quantization", .kind = ER_OBJECT, .of = &MODULE, .flags = ER_KEYED},
    {.name = "byte_budget", .kind = ER_COUNT},
    {.name = "device_bytes", .kind = ER_COUNT},
    {.name = "files", .kind = ER_OBJECT, .of = &FILE_ENTRY, .flags = ER_LISTED},
    {.name = "quality", .kind = ER_OBJECT, .of = &FIGURE, .flags = ER_MANY, .absent = ER_EMPTY},
    {.name = "training", .kind = ER_OBJECT, .of = &TRAINING},
    {.name = "task", .kind = ER_OBJECT, .of = &TASK, .flags = ER_NULLABLE, .absent = ER_NULL},
};
static const er_schema MANIFEST = ER_SCHEMA(MANIFEST_TABLE);

/* ------------------------------------------------------------ files' table */

static char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter | 0x20) : letter; }

/* Whether two paths are the same, or one a folder of the other, on systems that ignore case. */
static bool collide(er_text one, er_text other) {
    size_t least = one.size < other.size ? one.size : other.size;
    for (size_t i = 0; i < least; i++) {
        if (lower(one.bytes[i]) != lower(other.bytes[i])) {
            return false;
        }
    }
    return one.size == other.size || (one.size > least ? one.bytes[least] : other.bytes[least]) == '/';
}

static bool check_apart(er_document *document) {
    const er_listing *files = document->files;
    for (size_t i = 0; i < document->file_count; i++) {
        if (er_equals(files[i].path, ER_MANIFEST_FILE)) {
            return er_refuse(document, "it lists itself");
        }
        for (size_t before = 0; before < i; before++) {
            if (collide(files[i].path, files[before].path)) {
                return er_refuse(document, "two files have the same name, or one is named like a folder of another");
            }
        }
    }
    return true;
}

static const er_listing *listed(const er_document *document, const char *path) {
    for (size_t i = 0; i < document->file_count; i++) {
        if (er_equals(document->files[i].path, path)) {
            return &document->files[i];
        }
    }
    return NULL;
}

/* Check that the files that every device needs are listed as such, and no larger than they may be. */
static bool check_listings(er_document *document, bool is_task) {
    static const struct {
        const char *path;
        uint32_t most;
    } KNOWN[] = {
        {ER_MODEL_FILE, MOST_FILE_BYTES},
        {ER_VOCABULARY_FILE, MOST_VOCABULARY_BYTES},
        {ER_RANKER_FILE, MOST_RANKER_BYTES}, /* a task model has none */
    };
    for (size_t i = 0; i < 3; i++) {
        const er_listing *listing = listed(document, KNOWN[i].path);
        bool needed = i < 2 || !is_task;
        if (needed && (listing == NULL || !listing->device)) {
            return er_refuse_part(document, KNOWN[i].path, "is not listed as a file of the device");
        }
        if (listing != NULL && listing->size > KNOWN[i].most) {
            return er_refuse_part(document, KNOWN[i].path, "is too large");
        }
    }
    return true;
}

static void add_line(er_sha256 *sha, const er_listing *listing) {
    er_sha256_add(sha, listing->path.bytes, listing->path.size + 1); /* its texts end with a 0 */
    er_sha256_add(sha, listing->sha256.bytes, listing->sha256.size);
    er_sha256_add(sha, "\n", 1);
}

static bool check_revision(er_document *document, er_text revision) {
    er_sha256 sha;
    er_sha256_begin(&sha);
    for (size_t i = 0; i < document->file_count; i++) {
        add_line(&sha, &document->files[i]);
    }
    return er_sha256_is(&sha, revision) || er_refuse(document, "its revision does not match its files");
}

static bool verify_files(const er_document *document, const er_file *files, size_t file_count, bool trusted) {
    for (size_t i = 0; i < document->file_count; i++) {
        const er_listing *listing = &document->files[i];
        const er_file *file = er_find_file(files, file_count, listing->path.bytes);
        if (file == NULL && listing->device) {
            return er_fail(document->error, ER_FILE_MISSING, "%t is missing", &listing->path);
        }
        if (file != NULL && !er_verify_file(file, listing, trusted, ER_MANIFEST_FILE, document->error)) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------- shape */

static bool check_shape(er_document *document, const er_manifest *manifest) {
    uint64_t widest = er_most(er_most(manifest->embedding_size, manifest->dimension),
                              er_most(manifest->hidden_size, manifest->intermediate_size));
    uint64_t longest = er_most(er_most(manifest->vocabulary_size, manifest->max_length), (uint32_t)widest);
    const char *why = NULL;
    if (manifest->layers == 0 || manifest->hidden_size == 0 || manifest->embedding_size == 0 ||
        manifest->intermediate_size == 0 || manifest->attention_heads == 0 || manifest->vocabulary_size == 0) {
        why = "it has a size of 0";
    } else if (manifest->hidden_size % manifest->attention_heads != 0) {
        why = "model.hidden_size is not a multiple of model.attention_heads";
    } else if (manifest->layers > MOST_LAYERS || widest * longest > MOST_PRODUCT) {
        why = "it is too large";
    }
    return why == NULL || er_fail(document->error, ER_UNSUPPORTED,
                                  "%s has a model that this library does not compute: %s", document->path, why);
}

/* --------------------------------------------------------- encoder_revision */

static void add_text(er_sha256 *sha, const char *text) {
    size_t size = 0;
    while (text[size] != 0) {
        size++;
    }
    er_sha256_add(sha, text, size);
}

static void add_number(er_sha256 *sha, uint32_t number) {
    for (uint32_t unit = 1000; unit > 0; unit /= 10) {
        if (number >= unit) {
            char digit = (char)('0' + number / unit % 10);
            er_sha256_add(sha, &digit, 1);
        }
    }
}

/* SHA-256 over the lines of the graph and the vocabulary, and a line of JSON with what else determines vectors. */
static bool name_encoder(er_document *document, er_manifest *manifest) {
    const er_rules *rules = &manifest->rules;
    char *digest = er_take(document->arena, ER_HEXADECIMAL, 1, document->error);
    er_sha256 sha;
    if (digest == NULL) {
        return false;
    }
    er_sha256_begin(&sha);
    add_line(&sha, listed(document, ER_MODEL_FILE));
    add_line(&sha, listed(document, ER_VOCABULARY_FILE));
    add_text(&sha, rules->lowercase ? "{\"lowercase\":true,\"max_length\":" : "{\"lowercase\":false,\"max_length\":");
    add_number(&sha, manifest->max_length);
    add_text(&sha, rules->strip_accents ? ",\"strip_accents\":true" : ",\"strip_accents\":false");
    add_text(&sha, rules->version == 2 ? ",\"version\":2}\n" : "}\n"); /* a default is left out */
    er_sha256_end(&sha, digest);
    manifest->encoder_revision = (er_text){digest, ER_HEXADECIMAL};
    return true;
}

/* -------------------------------------------------------------------- task */

static bool check_task(er_document *document, const contents *read, er_task *task) {
    uint32_t classes = read->classes.count;
    if (read->has_grades && classes > 0) {
        return er_refuse(document, "a task has classes or grades, not both");
    }
    if (!read->has_grades && classes < 2) {
        return er_refuse(document, "a task has two classes or more, or grades");
    }
    task->is_grade = read->has_grades;
    task->is_pair = read->task_kind == 2;
    task->outputs = task->is_grade ? 1 : classes;
    task->labels = task->is_grade ? NULL : read->classes.texts;
    if (task->outputs != read->manifest.dimension) {
        return er_refuse(document, "the task's outputs are not as many as model.dimension");
    }
    return er_check_labels(document, task);
}

/* ----------------------------------------------------------------- manifest */

static bool load(er_document *document, const er_file *files, size_t file_count, bool trusted, er_manifest *manifest) {
    contents read = {.manifest.rules.version = 1};
    if (!er_read_document(document, &MANIFEST, &read)) {
        return false;
    }
    *manifest = read.manifest;
    bool is_task = read.task_kind > 0;
    return check_apart(document) && check_listings(document, is_task) && check_revision(document, manifest->revision) &&
           check_shape(document, manifest) && (!is_task || check_task(document, &read, &manifest->task)) &&
           name_encoder(document, manifest) && verify_files(document, files, file_count, trusted);
}

bool er_load_manifest(er_arena *arena, const er_file *files, size_t file_count, bool trusted, er_manifest *manifest,
                      er_error *error) {
    er_document document;
    er_arena scratch = {.allocator = arena->allocator};
    const er_file *file = er_find_file(files, file_count, ER_MANIFEST_FILE);
    *manifest = (er_manifest){0};
    if (file == NULL) {
        return er_fail(error, ER_FILE_MISSING, "%s is missing", ER_MANIFEST_FILE);
    }
    if (!er_open_document(&document, file, MOST_BYTES, &VERSIONS, error)) {
        return false;
    }
    document.arena = arena;
    document.scratch = &scratch;
    document.most_files = MOST_FILES;
    document.files = er_take(&scratch, MOST_FILES, sizeof *document.files, error);
    bool loaded = document.files != NULL && load(&document, files, file_count, trusted, manifest);
    er_give_back(&scratch);
    return loaded;
}
