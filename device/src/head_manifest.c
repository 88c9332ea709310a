#include "manifest.h"

enum { MOST_BYTES = 1024 * 1024, MOST_ADAPTER_BYTES = 64 * 1024 * 1024 };

/* What is read of head.json. */
typedef struct contents {
    er_head_manifest head;
    er_listing weights;
    er_listing adapters;
    er_texts classes;
    uint32_t kind; /* 1: of texts; 2: of pairs */
} contents;

/* ------------------------------------------------------------------ schema */

static const er_range VERSIONS = {1, 1}, DIMENSIONS = {1, 4096}, RANKS = {1, 64}, CLASS_COUNTS = {2, ER_MOST_CLASSES},
                      ADAPTER_BYTES = {1, MOST_ADAPTER_BYTES};

static const er_field BACKBONE_TABLE[] = {
    {.name = "name", .kind = ER_STRING},
    {.name = "revision", .kind = ER_CHECKSUM, .to = ER_TO(contents, head.backbone_revision)},
    {.name = "encoder_revision",
     .kind = ER_CHECKSUM,
     .to = ER_TO(contents, head.backbone_encoder_revision),
     .flags = ER_NULLABLE | ER_UNSEALED, /* the first heads were sealed without it */
     .absent = ER_NULL},
    {.name = "dimension", .kind = ER_WHOLE, .of = &DIMENSIONS, .to = ER_TO(contents, head.dimension)},
};
static const er_schema BACKBONE = ER_SCHEMA(BACKBONE_TABLE);

static const er_field WEIGHTS_TABLE[] = {
    {.name = "scheme",
     .kind = ER_CHOICE,
     .of = "int8, a float32 scale a row",
     .absent = ER_FIRST},
    {.name = "bytes", .kind = ER_COUNT, .to = ER_TO(er_listing, size)},
    {.name = "sha256", .kind = ER_CHECKSUM, .to = ER_TO(er_listing, sha256)},
};
static const er_schema WEIGHTS = ER_SCHEMA(WEIGHTS_TABLE);

static const er_field ADAPTERS_TABLE[] = {
    {.name = "rank", .kind = ER_WHOLE, .of = &RANKS, .to = ER_TO(contents, head.rank)},
    {.name = "scheme",
     .kind = ER_CHOICE,
     .of = "int8, a float32 scale a column",
     .absent = ER_FIRST},
    {.name = "bytes", .kind = ER_WHOLE, .of = &ADAPTER_BYTES, .to = ER_TO(contents, adapters.size)},
    {.name = "sha256", .kind = ER_CHECKSUM, .to = ER_TO(contents, adapters.sha256)},
};
static const er_schema ADAPTERS = ER_SCHEMA(ADAPTERS_TABLE);

static const er_field SOURCE_TABLE[] = {
    {.name = "use", .kind = ER_CHOICE, .of = "train|dev|test"},
    {.name = "file", .kind = ER_STRING},
    {.name = "rows", .kind = ER_COUNT},
    {.name = "left_out", .kind = ER_COUNT, .absent = ER_ZERO},
    {.name = "sha256", .kind = ER_CHECKSUM},
};
static const er_schema SOURCE = ER_SCHEMA(SOURCE_TABLE);

static const er_field TRAINING_TABLE[] = {
    {.name = "sources", .kind = ER_OBJECT, .of = &SOURCE, .flags = ER_MANY},
    {.name = "method", .kind = ER_STRING},
    {.name = "regularisation", .kind = ER_POSITIVE, .flags = ER_NULLABLE, .absent = ER_NULL},
    {.name = "chosen_by", .kind = ER_STRING, .flags = ER_NULLABLE, .absent = ER_NULL},
    {.name = "temperature", .kind = ER_POSITIVE},
    {.name = "seed", .kind = ER_INTEGER},
    {.name = "tool", .kind = ER_STRING},
};
static const er_schema TRAINING = ER_SCHEMA(TRAINING_TABLE);

static const er_field FIGURE_TABLE[] = {
    {.name = "split", .kind = ER_STRING},
    {.name = "metric", .kind = ER_STRING},
    {.name = "value", .kind = ER_SHARE},
    {.name = "low", .kind = ER_SHARE, .flags = ER_NULLABLE, .absent = ER_NULL},
    {.name = "high", .kind = ER_SHARE, .flags = ER_NULLABLE, .absent = ER_NULL},
    {.name = "examples", .kind = ER_COUNT},
};
static const er_schema FIGURE = ER_SCHEMA(FIGURE_TABLE);

static const er_field HEAD_TABLE[] = {
    {.name = "schema_version", .kind = ER_WHOLE, .of = &VERSIONS},
    {.name = "name", .kind = ER_WORD, .to = ER_TO(contents, head.name)},
    {.name = "revision", .kind = ER_CHECKSUM, .to = ER_TO(contents, head.revision), .flags = ER_IS_SEAL},
    {.name = "kind", .kind = ER_CHOICE, .of = "text|pair", .to = ER_TO(contents, kind)},
    {.name = "backbone", .kind = ER_OBJECT, .of = &BACKBONE},
    {.name = "classes", .kind = ER_CLASS, .of = &CLASS_COUNTS, .to = ER_TO(contents, classes), .flags = ER_MANY},
    {.name = "weights", .kind = ER_OBJECT, .of = &WEIGHTS, .to = ER_TO(contents, weights)},
    {.name = "adapters",
     .kind = ER_OBJECT,
     .of = &ADAPTERS,
     .flags = ER_NULLABLE | ER_UNSEALED,
     .absent = ER_NULL},
    {.name = "training", .kind = ER_OBJECT, .of = &TRAINING},
    {.name = "figures", .kind = ER_OBJECT, .of = &FIGURE, .flags = ER_MANY, .absent = ER_EMPTY},
};
static const er_schema HEAD = ER_SCHEMA(HEAD_TABLE);

/* ---------------------------------------------------------------- contents */

static bool verify(const er_listing *listing, const char *path, const er_file *files, size_t file_count,
                   er_error *error) {
    const er_file *file = er_find_file(files, file_count, path);
    return file != NULL ? er_verify_file(file, listing, false, ER_HEAD_FILE, error)
                        : er_fail(error, ER_FILE_MISSING, "%s is missing", path);
}

static bool verify_files(er_document *document, const contents *read, const er_file *files, size_t file_count) {
    const er_head_manifest *head = &read->head;
    size_t needed = (size_t)head->task.outputs * (head->width + 8);
    if (read->weights.size != needed) {
        return er_fail(document->error, ER_FILE_INVALID, "%s is not valid: weights.bytes must be %u", document->path,
                       needed);
    }
    if (head->rank > 0 && read->adapters.size % head->rank != 0) {
        return er_refuse_part(document, "adapters.bytes", "must be a multiple of adapters.rank");
    }
    return verify(&read->weights, ER_WEIGHTS_FILE, files, file_count, document->error) &&
           (head->rank == 0 || verify(&read->adapters, ER_ADAPTERS_FILE, files, file_count, document->error));
}

static bool load(er_document *document, const er_file *files, size_t file_count, er_head_manifest *manifest) {
    contents read = {0};
    er_sha256 seal;
    er_sha256_begin(&seal);
    document->seal = &seal;
    if (!er_read_document(document, &HEAD, &read)) {
        return false;
    }
    if (!er_sha256_is(&seal, read.head.revision)) {
        return er_refuse(document, "its revision does not match its contents");
    }
    er_task *task = &read.head.task;
    task->labels = read.classes.texts;
    task->outputs = read.classes.count;
    task->is_pair = read.kind == 2;
    read.head.width = read.head.dimension << task->is_pair;
    *manifest = read.head;
    return er_check_labels(document, task) && verify_files(document, &read, files, file_count);
}

bool er_load_head_manifest(er_arena *arena, const er_file *files, size_t file_count, er_head_manifest *manifest,
                           er_error *error) {
    er_document document;
    const er_file *file = er_find_file(files, file_count, ER_HEAD_FILE);
    *manifest = (er_head_manifest){0};
    if (file == NULL) {
        return er_fail(error, ER_FILE_MISSING, "%s is missing", ER_HEAD_FILE);
    }
    if (!er_open_document(&document, file, MOST_BYTES, &VERSIONS, error)) {
        return false;
    }
    document.arena = arena;
    return load(&document, files, file_count, manifest);
}
