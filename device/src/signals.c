#include "signals.h"

#include "similarity.h"
#include "upstream.h"

static const double REPETITION_SCALE = 255;

static void find_repetition(const er_columns *columns, double *signal) {
    for (uint32_t at = 0; at < columns->count; at++) {
        const er_features *features = columns->candidates[at].features;
        signal[at] = features == NULL ? er_not_known()
                                      : er_parts_of(features, columns->dimension).repetition / REPETITION_SCALE;
    }
}

/* Give unreadable candidates the least value of a signal, at most 0; a signal that is not known of others stays so. */
static void give_least(const er_columns *columns, double *signal) {
    double least = 0;
    bool known = false;
    for (uint32_t at = 0; at < columns->count; at++) {
        known = known || (!columns->candidates[at].unreadable && er_is_known(signal[at]));
        least = signal[at] < least ? signal[at] : least;
    }
    for (uint32_t at = 0; at < columns->count && known; at++) {
        signal[at] = columns->candidates[at].unreadable ? least : signal[at];
    }
}

void er_compute_signals(er_history *history, er_overlap *lexicon, const er_columns *columns, const er_request *request,
                        double *signals) {
    static const er_signal OF_TEXTS[] = {ER_QUERY_SIMILARITY,   ER_QUERY_OVERLAP, ER_QUERY_LEAD_OVERLAP,
                                         ER_HISTORY_SIMILARITY, ER_HISTORY_PEAK,  ER_HISTORY_OVERLAP};
    double *all[ER_SIGNALS];
    for (size_t at = 0; at < ER_SIGNALS; at++) {
        all[at] = signals + at * columns->count;
    }
    er_query_similarity(columns, request->query, all[ER_QUERY_SIMILARITY]);
    er_query_overlaps(lexicon, columns, request->query, all[ER_QUERY_OVERLAP], all[ER_QUERY_LEAD_OVERLAP]);
    er_liked_signals liked = {all[ER_HISTORY_SIMILARITY], all[ER_HISTORY_PEAK],      all[ER_HISTORY_OVERLAP],
                              all[ER_REPEAT],             all[ER_CATEGORY_AFFINITY], all[ER_JUST_BOUGHT]};
    er_liked(history, lexicon, columns, request, &liked);
    er_skipped(history, columns, request, all[ER_SKIP_SIMILARITY]);
    er_upstream_score(columns, all[ER_UPSTREAM_SCORE]);
    er_upstream_position(columns, all[ER_UPSTREAM_POSITION]);
    er_popularity(columns, all[ER_POPULARITY]);
    er_freshness(columns, all[ER_FRESHNESS]);
    find_repetition(columns, all[ER_REPETITION]);
    for (size_t at = 0; at < sizeof OF_TEXTS / sizeof OF_TEXTS[0]; at++) {
        give_least(columns, all[OF_TEXTS[at]]);
    }
}

double er_neutral_value(const double *signal, uint32_t count) {
    double sum = 0;
    uint32_t known = 0;
    for (uint32_t at = 0; at < count; at++) {
        if (er_is_known(signal[at])) {
            sum += signal[at];
            known++;
        }
    }
    return sum / er_most(known, 1);
}
