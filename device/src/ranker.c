#include "ranker.h"

#include "numbers.h"
#include "request.h"
#include "signals.h"
#include "slate.h"

static const double SCORE_UNITS = 1e6; /* scores are rounded to six decimals */

/* Baselines, on the same path as the learned weights. A position counts too little to overrule any score. */
static const double DENSE[ER_SIGNALS] = {[ER_QUERY_SIMILARITY] = 1, [ER_HISTORY_SIMILARITY] = 1};
static const double LEXICAL[ER_SIGNALS] = {[ER_QUERY_OVERLAP] = 1, [ER_HISTORY_OVERLAP] = 1};
static const double UPSTREAM[ER_SIGNALS] = {[ER_UPSTREAM_SCORE] = 1, [ER_UPSTREAM_POSITION] = 1e-3};

struct er_scorer {
    er_weights weights;
    er_limits limits;
    er_columns columns;
    er_history history;
    er_overlap lexicon;
    er_slate slate;
    double *signals;       /* [ER_SIGNALS][candidates] */
    double *contributions; /* [ER_SIGNALS][candidates] */
    double *scores;        /* [candidates] */
};

er_scorer *er_load_scorer(er_arena *arena, const er_weights *weights, uint32_t dimension, uint32_t most_candidates,
                          uint32_t most_events, uint32_t most_windows, er_error *error) {
    er_scorer *scorer = er_take(arena, 1, sizeof *scorer, error);
    if (scorer == NULL) {
        return NULL;
    }
    scorer->weights = *weights;
    scorer->limits = (er_limits){most_candidates, most_events, most_windows};
    scorer->signals = er_take(arena, (size_t)ER_SIGNALS * most_candidates, sizeof *scorer->signals, error);
    scorer->contributions = er_take(arena, (size_t)ER_SIGNALS * most_candidates, sizeof *scorer->contributions, error);
    scorer->scores = er_take(arena, most_candidates, sizeof *scorer->scores, error);
    bool loaded = scorer->signals != NULL && scorer->contributions != NULL && scorer->scores != NULL &&
                  er_load_columns(&scorer->columns, arena, dimension, most_candidates, most_windows, error) &&
                  er_load_history(&scorer->history, arena, dimension, most_windows, error) &&
                  er_load_overlap(&scorer->lexicon, arena, most_candidates, error) &&
                  er_load_slate(&scorer->slate, arena, dimension, most_candidates, error);
    return loaded ? scorer : NULL;
}

/* The learned weights of the request's situation, or a baseline's. */
static const double *weights_of(const er_scorer *scorer, const er_request *request, bool has_history) {
    switch (request->ranker) {
    case ER_DENSE:
        return DENSE;
    case ER_LEXICAL:
        return LEXICAL;
    case ER_UPSTREAM:
        return UPSTREAM;
    case ER_FUSED:
        break;
    }
    if (request->query == NULL && !request->is_search) {
        return scorer->weights.feed;
    }
    return has_history ? scorer->weights.both : scorer->weights.search;
}

/* Sum the signals by their weights. Rounded: the last bits of a sum should not decide an order. */
static void add_up(er_scorer *scorer, const double *weights) {
    uint32_t count = scorer->columns.count;
    er_set_all(&scorer->columns, scorer->scores, 0);
    for (size_t signal = 0; signal < ER_SIGNALS; signal++) {
        const double *values = scorer->signals + signal * count;
        double *contributions = scorer->contributions + signal * count;
        double neutral = er_neutral_value(values, count);
        for (uint32_t at = 0; at < count; at++) {
            /* Adding zero turns negative zeros, which look odd in explanations, into positive ones. */
            contributions[at] = weights[signal] * (er_is_known(values[at]) ? values[at] : neutral) + 0.0;
            scorer->scores[at] += contributions[at];
        }
    }
    for (uint32_t at = 0; at < count; at++) {
        scorer->scores[at] = er_rint(scorer->scores[at] * SCORE_UNITS) / SCORE_UNITS;
    }
}

er_status er_score(er_scorer *scorer, const er_request *request, er_ranking *ranking, er_error *error) {
    er_status status = er_check_request(request, &scorer->limits, scorer->slate.placed, error);
    if (status != ER_OK) {
        return status;
    }
    er_fill_columns(&scorer->columns, request, scorer->history.row);
    uint32_t known_events = er_count_informative(&scorer->columns, request);
    const double *weights = weights_of(scorer, request, known_events > 0);
    er_compute_signals(&scorer->history, &scorer->lexicon, &scorer->columns, request, scorer->signals);
    add_up(scorer, weights);
    er_build_slate(&scorer->slate, &scorer->columns, request, scorer->scores);
    *ranking = (er_ranking){
        .order = scorer->slate.order,
        .scores = scorer->scores,
        .signals = scorer->signals,
        .contributions = scorer->contributions,
        .weights = weights,
        .count = scorer->slate.length,
        .known_events = known_events,
    };
    return ER_OK;
}
