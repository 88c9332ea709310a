/* {"schema_version": 3, "weights": {"search": {"query_similarity": 1.0, …}, "feed": {…}, "both": {…}}, …} */

#include "manifest.h"

enum { MOST_BYTES = 1024 * 1024 };

/* A signal without a name weighs nothing. */
#define SIGNAL(title, signal)                                                                                          \
    {.name = (title), .kind = ER_WEIGHT, .to = 1 + (signal) * sizeof(double), .absent = ER_ZERO}

static const er_field SIGNAL_TABLE[] = {
    SIGNAL("query_similarity", ER_QUERY_SIMILARITY),
    SIGNAL("query_overlap", ER_QUERY_OVERLAP),
    SIGNAL("query_lead_overlap", ER_QUERY_LEAD_OVERLAP),
    SIGNAL("history_similarity", ER_HISTORY_SIMILARITY),
    SIGNAL("history_peak", ER_HISTORY_PEAK),
    SIGNAL("history_overlap", ER_HISTORY_OVERLAP),
    SIGNAL("skip_similarity", ER_SKIP_SIMILARITY),
    SIGNAL("repeat", ER_REPEAT),
    SIGNAL("category_affinity", ER_CATEGORY_AFFINITY),
    SIGNAL("upstream_score", ER_UPSTREAM_SCORE),
    SIGNAL("upstream_position", ER_UPSTREAM_POSITION),
    SIGNAL("popularity", ER_POPULARITY),
    SIGNAL("freshness", ER_FRESHNESS),
    SIGNAL("repetition", ER_REPETITION),
    SIGNAL("just_bought", ER_JUST_BOUGHT),
};
static const er_schema SIGNALS = ER_SCHEMA(SIGNAL_TABLE);

static const er_field WEIGHTS_TABLE[] = {
    {.name = "search", .kind = ER_OBJECT, .of = &SIGNALS, .to = ER_TO(er_weights, search)},
    {.name = "feed", .kind = ER_OBJECT, .of = &SIGNALS, .to = ER_TO(er_weights, feed)},
    {.name = "both", .kind = ER_OBJECT, .of = &SIGNALS, .to = ER_TO(er_weights, both)},
};
static const er_schema WEIGHTS = ER_SCHEMA(WEIGHTS_TABLE);

static const er_field ORIGIN_TABLE[] = {
    {.name = "search", .kind = ER_FILLED},
    {.name = "feed", .kind = ER_FILLED},
    {.name = "both", .kind = ER_FILLED},
};
static const er_schema ORIGINS = ER_SCHEMA(ORIGIN_TABLE);

/* What the weights are worth where they did not learn. */
static const er_field LEFT_OUT_TABLE[] = {
    {.name = "domain", .kind = ER_FILLED}, {.name = "metric", .kind = ER_FILLED}, {.name = "lists", .kind = ER_INTEGER},
    {.name = "fused", .kind = ER_WEIGHT},  {.name = "best", .kind = ER_WEIGHT},   {.name = "low", .kind = ER_WEIGHT},
};
static const er_schema LEFT_OUT = ER_SCHEMA(LEFT_OUT_TABLE);

static const er_range VERSIONS = {2, 3};

static const er_field RANKER_TABLE[] = {
    {.name = "schema_version", .kind = ER_WHOLE, .of = &VERSIONS},
    {.name = "weights", .kind = ER_OBJECT, .of = &WEIGHTS},
    {.name = "learned_from", .kind = ER_OBJECT, .of = &ORIGINS},
    {.name = "left_out", .kind = ER_OBJECT, .of = &LEFT_OUT, .flags = ER_MANY, .absent = ER_EMPTY},
};
static const er_schema RANKER = ER_SCHEMA(RANKER_TABLE);

bool er_load_weights(const er_file *file, er_weights *weights, er_error *error) {
    er_document document;
    *weights = (er_weights){{0}, {0}, {0}};
    return er_open_document(&document, file, MOST_BYTES, &VERSIONS, error) &&
           er_read_document(&document, &RANKER, weights);
}
