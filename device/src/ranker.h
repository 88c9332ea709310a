/* Signals, scores and the slate, exactly as the service has them (service/ranking/). */
#ifndef ER_RANKER_H
#define ER_RANKER_H

#include "query.h"

/* How much each signal counts in each situation: `ranker.json`. */
typedef struct er_weights {
    double search[ER_SIGNALS];
    double feed[ER_SIGNALS];
    double both[ER_SIGNALS];
} er_weights;

typedef struct er_scorer er_scorer;

/* Take what rankings of that size need. NULL with an error if there is no memory. */
er_scorer *er_load_scorer(er_arena *arena, const er_weights *weights, uint32_t dimension, uint32_t most_candidates,
                          uint32_t most_events, uint32_t most_windows, er_error *error);

/* `er_rank` of edge_rank.h: ER_ARGUMENT for too many candidates or events, places out of range, numbers that can't be. */
er_status er_score(er_scorer *scorer, const er_request *request, er_ranking *ranking, er_error *error);

#endif
