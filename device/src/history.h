/* Signals of the user's history: how similar a candidate is to its items, and whether it is one of them. */
#ifndef ER_HISTORY_H
#define ER_HISTORY_H

#include "columns.h"
#include "lexical.h"

enum { ER_LATEST = 50 }; /* latest events of a kind that count: older ones weigh next to nothing */

/* The events of one kind, liked or skipped, the latest first, compared with candidates. */
typedef struct er_profile {
    const er_event *events;        /* all of the request's */
    uint32_t places[ER_LATEST];    /* [count] among them */
    double recencies[ER_LATEST];   /* [count] */
    uint32_t count;
    const er_features *known[ER_LATEST]; /* [known_count] of events whose items are known, if any of them weighs */
    double shares[ER_LATEST];            /* [known_count] how much each counts, of sum 1 */
    er_direction directions[ER_LATEST];  /* [known_count] */
    uint32_t known_count;
} er_profile;

/* Memory for these signals. */
typedef struct er_history {
    er_profile profile;
    float *rows;     /* [ER_LATEST][dimension] for directions of events */
    float *lengths; /* [most_windows] */
    float *row;      /* [dimension] for that of a candidate */
} er_history;

bool er_load_history(er_history *history, er_arena *arena, uint32_t dimension, uint32_t most_windows, er_error *error);

/* How many events are of items that are known, or are among the candidates: the informative ones. */
uint32_t er_count_informative(const er_columns *columns, const er_request *request);

/* The signals of what the user clicked, viewed or bought, `[count]` each. */
typedef struct er_liked_signals {
    double *similarity; /* mean cosine, by shares */
    double *peak;       /* the greatest cosine */
    double *overlap;    /* TF-IDF cosine of the words */
    double *repeat;     /* recency of the last event with the candidate itself: 1 now, 0 never */
    double *affinity;   /* share of events in the candidate's category */
    double *bought;     /* recency of the last purchase of the candidate itself */
} er_liked_signals;

void er_liked(er_history *history, er_overlap *lexicon, const er_columns *columns, const er_request *request,
              const er_liked_signals *signals);

/* The mean cosine with skipped items, `[count]`. */
void er_skipped(er_history *history, const er_columns *columns, const er_request *request, double *similarity);

#endif
