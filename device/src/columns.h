/* A request's candidates as the signals read them: a column a fact, a row a candidate. */
#ifndef ER_COLUMNS_H
#define ER_COLUMNS_H

#include "interner.h"
#include "vectors.h"

typedef struct er_columns {
    const er_candidate *candidates; /* [count] */
    uint32_t count;
    uint32_t dimension;
    uint32_t most_windows;
    uint32_t *ids;        /* [count] numbers: equal ids have the same */
    uint32_t *categories; /* [count] likewise; ER_NO_NUMBER of none */
    float *lengths;      /* [count][most_windows] the length of each window's codes */
    float *sums;          /* [count] the length of the sum of a text's windows; 0 of a single one */
    double *by_number;    /* [count] for whoever computes a signal, by an id's or a category's number */
    er_interner id_numbers;
    er_interner category_numbers;
} er_columns;

bool er_load_columns(er_columns *columns, er_arena *arena, uint32_t dimension, uint32_t most_candidates,
                     uint32_t most_windows, er_error *error);

/* Fill in the columns of a request, which has been checked. `row` `[dimension]` is scratch. */
void er_fill_columns(er_columns *columns, const er_request *request, float *row);

/* The direction of a candidate that has features, in `row` `[dimension]`. */
er_direction er_candidate_direction(const er_columns *columns, uint32_t candidate, float *row);

/* The cosine of a direction and a candidate that has features. */
float er_candidate_cosine(const er_columns *columns, const er_direction *direction, uint32_t candidate);

/* Set a signal `[count]` to a value; NaN: not known. */
void er_set_all(const er_columns *columns, double *signal, double value);

/* The number of an event's category; ER_NO_NUMBER if no candidate has it. */
static inline uint32_t er_category_number(const er_columns *columns, const er_event *event) {
    return er_number_of(&columns->category_numbers, &event->category);
}

/* An empty category is none. */
static inline bool er_has_category(const er_event *event) {
    return event->category.bytes != NULL && event->category.size > 0;
}

static inline double er_not_known(void) { return __builtin_nan(""); }
static inline bool er_is_known(double value) { return value == value; }

#endif
