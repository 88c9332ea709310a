/*
 * Edge Rank on the device: reads texts with a released model, ranks candidates and classifies, without any other
 * library, and without allocating memory once a model is loaded.
 *
 *     er_error error;
 *     er_model *model = er_load(files, file_count, NULL, &allocator, &error);
 *     er_embed(model, texts, text_count, readings, &error);
 *     er_rank(model, &request, &ranking, &error);
 *     er_free(model);
 *
 * Texts are UTF-8; bytes that are not are read as question marks. Nothing here is thread-safe: a model, with its heads,
 * belongs to one thread at a time. Several models are independent of each other. Results are the same on every processor
 * within the rounding of float32 sums.
 */
#ifndef EDGE_RANK_H
#define EDGE_RANK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ER_VERSION "0.1.0"

#if defined(_WIN32)
#define ER_API
#else
#define ER_API __attribute__((visibility("default")))
#endif

/* ------------------------------------------------------------------ errors */

typedef enum er_status {
    ER_OK = 0,
    ER_OUT_OF_MEMORY = 1, /* the allocator returned NULL */
    ER_FILE_MISSING = 2,
    ER_FILE_INVALID = 3, /* the content is not what the file should hold, or its size or checksum differs */
    ER_UNSUPPORTED = 4,  /* valid, but of a kind or version that this library does not read */
    ER_WRONG_MODEL = 5,  /* a head, a pack or a catalogue that belongs to another encoder */
    ER_ARGUMENT = 6,     /* an argument is outside its documented range */
} er_status;

/* What went wrong. `message` names the file or the argument and says what is wrong with it; it never repeats a text. */
typedef struct er_error {
    er_status status;
    char message[244]; /* UTF-8, ends with a 0 */
} er_error;

/* ------------------------------------------------------------------ memory */

/* Where memory comes from: used while a model, a head or a catalogue is loaded or freed, never in between. */
typedef struct er_allocator {
    void *(*allocate)(void *context, size_t bytes); /* aligned to 16 bytes; NULL if there is none */
    void (*release)(void *context, void *memory);
    void *context;
} er_allocator;

/* A text, or the name of something. `bytes` is NULL where there is none. */
typedef struct er_text {
    const char *bytes;
    size_t size;
} er_text;

/* ------------------------------------------------------------------ models */

typedef struct er_file {
    const char *path; /* within the artifact, with slashes: "onnx/model_int8.onnx" */
    const void *bytes;
    size_t size;
} er_file;

/* Bounds, for which memory is taken on loading. 0 is the default of each. */
typedef struct er_options {
    uint32_t most_windows;    /* parts of a long text that are read: 1 to 64, 8 by default */
    uint32_t most_candidates; /* of a ranking: 1 to 100,000, 1,000 by default */
    uint32_t most_events;     /* of a ranking: 1 to 10,000, 500 by default */
    uint32_t trusted;         /* 1: the caller has verified the files' checksums */
} er_options;

typedef struct er_model er_model;

/* Facts about a model. Texts live as long as the model. */
typedef struct er_model_info {
    er_text name;
    er_text revision;         /* SHA-256 of the release, in hexadecimal */
    er_text encoder_revision; /* SHA-256 of what determines vectors: features of other encoders must not meet */
    uint32_t dimension;       /* numbers of a vector; of a task model, its classes, or 1 for a grade */
    uint32_t max_length;      /* tokens that are read at once, the two at both ends included */
    uint32_t most_windows;
    uint32_t features_size; /* bytes of a text's features, at most */
    uint32_t query_size;    /* bytes of a query */
    size_t memory;          /* bytes taken from the allocator */
} er_model_info;

/*
 * Load an artifact's device files: manifest.json and those that it marks. `files` may hold further ones. Their bytes must
 * stay in place, unchanged, until the model is freed; paths need not.
 *
 * options    NULL: all defaults.
 * error      filled if NULL is returned; ignored if NULL itself.
 */
ER_API er_model *er_load(const er_file *files, size_t file_count, const er_options *options,
                         const er_allocator *allocator, er_error *error);

/* Give back a model's memory. Its heads must have been freed before. NULL is ignored. */
ER_API void er_free(er_model *model);

ER_API er_model_info er_describe(const er_model *model);

/* ----------------------------------------------------------------- reading */

/*
 * What a ranking needs to know of an item's text: its vectors in eight bits, its words as hashes. A block of bytes that is
 * the same on every machine and may be stored and sent, but belongs to one encoder_revision:
 *
 *     uint8   windows             1 to 64
 *     uint8   words               0 to 255
 *     uint8   repetition          how far the text repeats itself, in 255ths
 *     uint8   reserved            0
 *     int8    [windows][dimension]  the direction of each window, its largest number at 127 or -127
 *     uint16  [words]             hashes, little-endian, in the order in which the words first come
 *     uint8   [words]             rarities, in units of 1 / 170
 */
typedef struct er_features er_features;

/* What a ranking needs to know of a query: its vector as float32, its words and compounds. Not to be stored. */
typedef struct er_query er_query;

/* A text that is read. The caller sets where results go; each may be NULL if it is not wanted. */
typedef struct er_reading {
    float *vector;          /* out: [dimension], of unit length: the direction of the mean of its windows */
    er_features *features;  /* out: er_model_info.features_size bytes */
    er_query *query;        /* out: er_model_info.query_size bytes, aligned to 4 */
    uint32_t features_size; /* out: bytes of `features` that are used */
    uint32_t tokens;        /* out: that the model read, special tokens included */
    uint8_t truncated;      /* out: 1 if the text is longer than its windows */
    uint8_t readable;       /* out: 0 if the vocabulary knows nothing of it; its vectors say nothing then */
} er_reading;

/* Read texts with a model that embeds. Those that are read together share what it costs to read weights. */
ER_API er_status er_embed(er_model *model, const er_text *texts, size_t text_count, er_reading *readings,
                          er_error *error);

/*
 * The token ids of a text's windows, one window behind the other, special tokens included: the first `most` of them into
 * `ids`. Returns how many there are.
 */
ER_API uint32_t er_split(er_model *model, const er_text *text, uint32_t *ids, uint32_t most);

/* Whether a block of bytes is features of this model's shape: for what comes from a file or from another process. */
ER_API int er_features_are_valid(const er_model *model, const void *bytes, size_t size);

/* ----------------------------------------------------------------- ranking */

enum { ER_SIGNALS = 15 };

/* Signals, in this order; the service's documentation explains each. */
typedef enum er_signal {
    ER_QUERY_SIMILARITY,
    ER_QUERY_OVERLAP,
    ER_QUERY_LEAD_OVERLAP,
    ER_HISTORY_SIMILARITY,
    ER_HISTORY_PEAK,
    ER_HISTORY_OVERLAP,
    ER_SKIP_SIMILARITY,
    ER_REPEAT,
    ER_CATEGORY_AFFINITY,
    ER_UPSTREAM_SCORE,
    ER_UPSTREAM_POSITION,
    ER_POPULARITY,
    ER_FRESHNESS,
    ER_REPETITION,
    ER_JUST_BOUGHT,
} er_signal;

typedef enum er_action { ER_VIEW = 0, ER_CLICK = 1, ER_PURCHASE = 2, ER_SKIP = 3 } er_action;

/* Which weights: the model's own, or one of three fixed baselines. */
typedef enum er_ranker { ER_FUSED = 0, ER_DENSE = 1, ER_LEXICAL = 2, ER_UPSTREAM = 3 } er_ranker;

/* Numbers that are not known are NaN, texts NULL. */
typedef struct er_candidate {
    er_text id;
    er_text category;
    const er_features *features; /* NULL: nothing is known of its text */
    double score;                /* the backend's */
    double popularity;           /* how often it was taken lately */
    double age_s;                /* seconds since it was new */
    uint32_t unreadable;         /* 1: there is a text of which the vocabulary knows nothing */
} er_candidate;

/* What the user did, the latest first. */
typedef struct er_event {
    er_text item_id;
    er_text category;
    const er_features *features; /* NULL: nothing is known of its text */
    double age_s;                /* seconds since it happened */
    er_action action;
} er_event;

typedef struct er_request {
    const er_query *query; /* NULL: none, or none that could be read */
    const er_candidate *candidates;
    const er_event *events;
    const uint32_t *pinned; /* candidates that come first, by their place, in this order */
    double diversity;       /* 0 orders by score alone, 1 by novelty alone */
    uint32_t candidate_count;
    uint32_t event_count;
    uint32_t pinned_count;
    uint32_t top_n;            /* how many to return; 0: all */
    uint32_t max_per_category; /* 0: any number */
    er_ranker ranker;
    uint32_t is_search; /* 1: weigh as a search though `query` is NULL, as it could not be read in time */
} er_request;

/* Lives until the next call with the same model. */
typedef struct er_ranking {
    const uint32_t *order;         /* [count] places of candidates, the best first */
    const double *scores;          /* [candidates] rounded to six decimals */
    const double *signals;         /* [ER_SIGNALS][candidates], NaN where not known */
    const double *contributions;   /* [ER_SIGNALS][candidates]; those of a candidate add up to its score */
    const double *weights;         /* [ER_SIGNALS] that were used */
    uint32_t count;
    uint32_t known_events; /* events that said something */
} er_ranking;

/* Put a request's candidates in order. Equals stay in the order in which they came. */
ER_API er_status er_rank(er_model *model, const er_request *request, er_ranking *ranking, er_error *error);

/* ----------------------------------------------------------- classification */

/* A head, a linear classifier of a few KB on a model's vectors, or a pack, a head with adapters for its layers. */
typedef struct er_head er_head;

/*
 * Load a head's files: head.json, weights.bin and, of a pack, adapters.bin. They need not stay in place.
 *
 * Memory comes from the model's allocator.
 */
ER_API er_head *er_load_head(er_model *model, const er_file *files, size_t file_count, er_error *error);

ER_API void er_free_head(er_head *head);

typedef struct er_head_info {
    er_text name;
    er_text revision;
    uint32_t outputs;  /* classes, or 1 of a task model that gives a grade */
    uint32_t is_pair;  /* 1: classifies pairs of texts */
    uint32_t is_grade; /* 1: gives a number instead of probabilities */
} er_head_info;

/* `head` NULL: the model itself, if it is a task model. `outputs` is 0 if it is none. */
ER_API er_head_info er_describe_head(const er_model *model, const er_head *head);

/* A class's label; NULL if there is no such class. */
ER_API er_text er_label(const er_model *model, const er_head *head, uint32_t place);

typedef struct er_classified {
    double *outputs;    /* out: probabilities of the classes, or a grade; set by the caller to where they go */
    uint32_t tokens;    /* out: that the model read, special tokens included */
    uint8_t truncated;  /* out: 1 if a text is longer than is read */
    uint8_t readable;   /* out: 0 if the vocabulary knows nothing of it, or of one of a pair */
} er_classified;

/*
 * Classify texts, or pairs if `seconds` is not NULL.
 *
 * head       NULL: the model itself, if it is a task model.
 */
ER_API er_status er_classify(er_model *model, er_head *head, const er_text *texts, const er_text *seconds, size_t count,
                             er_classified *classified, er_error *error);

#ifdef __cplusplus
}
#endif

#endif
