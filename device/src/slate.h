/* The slate, from scores to an order: pins first, then by score, or by score and novelty if diversity is wanted. */
#ifndef ER_SLATE_H
#define ER_SLATE_H

#include "columns.h"

/* Memory for a slate. */
typedef struct er_slate {
    uint32_t *order;    /* [length] candidates */
    uint32_t *waiting;  /* [waiting_count] those that are not placed: a heap, the next one first */
    double *gains;      /* [candidates] the greater, the sooner; an upper bound until `compared` reaches `length` */
    double *relevances; /* [candidates] scores scaled to 0 to 1 - diversity */
    float *closest;     /* [candidates] the greatest similarity to the first `compared` of the slate */
    uint32_t *compared; /* [candidates] */
    uint32_t *taken;    /* [categories] how often each is in the slate */
    uint8_t *placed;    /* [candidates] 1: in the slate */
    float *row;         /* [dimension] for the direction of a candidate */
    uint32_t length;
    uint32_t waiting_count;
} er_slate;

bool er_load_slate(er_slate *slate, er_arena *arena, uint32_t dimension, uint32_t most_candidates, er_error *error);

/*
 * Order candidates by scores `[count]`, into `order`. Equals keep the order of the request. With `max_per_category`,
 * candidates of full categories are left out; pins count, and always stay.
 */
void er_build_slate(er_slate *slate, const er_columns *columns, const er_request *request, const double *scores);

#endif
