#include "upstream.h"

#include "numbers.h"
#include "powers.h"

static const double FRESHNESS_HALF_LIFE_S = 30 * 86400.0;
static const double NEUTRAL_SCORE = 0.5;
static const double LOG_2 = 0x1.62e42fefa39efp-1;

void er_upstream_score(const er_columns *columns, double *signal) {
    double least = __builtin_inf(), greatest = -__builtin_inf();
    for (uint32_t at = 0; at < columns->count; at++) {
        double score = columns->candidates[at].score;
        least = score < least ? score : least;
        greatest = score > greatest ? score : greatest;
    }
    /* Halves are subtracted because the difference of two finite scores may overflow. */
    double span = greatest / 2 - least / 2;
    for (uint32_t at = 0; at < columns->count; at++) {
        double score = columns->candidates[at].score;
        signal[at] = span == 0 && er_is_known(score) ? NEUTRAL_SCORE : (score / 2 - least / 2) / span;
    }
}

void er_upstream_position(const er_columns *columns, double *signal) {
    for (uint32_t at = 0; at < columns->count; at++) {
        signal[at] = LOG_2 / er_log(2.0 + at);
    }
}

void er_popularity(const er_columns *columns, double *signal) {
    double greatest = 0;
    for (uint32_t at = 0; at < columns->count; at++) {
        double count = columns->candidates[at].popularity;
        signal[at] = er_is_known(count) ? er_log1p(count) : count;
        greatest = signal[at] > greatest ? signal[at] : greatest;
    }
    for (uint32_t at = 0; at < columns->count; at++) {
        signal[at] = greatest > 0 ? signal[at] / greatest : signal[at];
    }
}

void er_freshness(const er_columns *columns, double *signal) {
    for (uint32_t at = 0; at < columns->count; at++) {
        signal[at] = er_exp2(-columns->candidates[at].age_s / FRESHNESS_HALF_LIFE_S);
    }
}
