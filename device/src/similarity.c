#include "similarity.h"

static double similarity_of(const er_columns *columns, uint32_t candidate, const float *query) {
    uint32_t dimension = columns->dimension;
    er_parts parts = er_parts_of(columns->candidates[candidate].features, dimension);
    const float *lengths = columns->lengths + (size_t)candidate * columns->most_windows;
    double first = er_dot_codes(query, parts.codes, dimension) / lengths[0], best = first, sum = first;
    if (parts.windows == 1) {
        return first;
    }
    for (uint32_t window = 1; window < parts.windows; window++) {
        double cosine = er_dot_codes(query, parts.codes + (size_t)window * dimension, dimension) / lengths[window];
        best = cosine > best ? cosine : best;
        sum += cosine;
    }
    double length = columns->sums[candidate];
    return (first + best + (length > 0 ? sum / length : first)) / 3;
}

void er_query_similarity(const er_columns *columns, const er_query *query, double *signal) {
    for (uint32_t at = 0; at < columns->count; at++) {
        bool known = query != NULL && columns->candidates[at].features != NULL;
        signal[at] = known ? similarity_of(columns, at, query->vector) : er_not_known();
    }
}
