#include "columns.h"

bool er_load_columns(er_columns *columns, er_arena *arena, uint32_t dimension, uint32_t most_candidates,
                     uint32_t most_windows, er_error *error) {
    columns->dimension = dimension;
    columns->most_windows = most_windows;
    columns->ids = er_take(arena, most_candidates, sizeof *columns->ids, error);
    columns->categories = er_take(arena, most_candidates, sizeof *columns->categories, error);
    columns->lengths = er_take(arena, (size_t)most_candidates * most_windows, sizeof *columns->lengths, error);
    columns->sums = er_take(arena, most_candidates, sizeof *columns->sums, error);
    columns->by_number = er_take(arena, most_candidates, sizeof *columns->by_number, error);
    return columns->ids != NULL && columns->categories != NULL && columns->lengths != NULL && columns->sums != NULL &&
           columns->by_number != NULL &&
           er_load_interner(&columns->id_numbers, arena, most_candidates, error) &&
           er_load_interner(&columns->category_numbers, arena, most_candidates, error);
}

void er_fill_columns(er_columns *columns, const er_request *request, float *row) {
    columns->candidates = request->candidates;
    columns->count = request->candidate_count;
    er_forget(&columns->id_numbers);
    er_forget(&columns->category_numbers);
    for (uint32_t at = 0; at < columns->count; at++) {
        const er_candidate *candidate = &request->candidates[at];
        columns->ids[at] = er_intern(&columns->id_numbers, &candidate->id);
        columns->categories[at] = candidate->category.size > 0
                                      ? er_intern(&columns->category_numbers, &candidate->category)
                                      : ER_NO_NUMBER;
        if (candidate->features != NULL) {
            er_parts parts = er_parts_of(candidate->features, columns->dimension);
            float *lengths = columns->lengths + (size_t)at * columns->most_windows;
            er_window_lengths(&parts, columns->dimension, lengths);
            columns->sums[at] = parts.windows == 1 ? 0 : er_add_windows(&parts, lengths, columns->dimension, row);
        }
    }
}

er_direction er_candidate_direction(const er_columns *columns, uint32_t candidate, float *row) {
    er_parts parts = er_parts_of(columns->candidates[candidate].features, columns->dimension);
    const float *lengths = columns->lengths + (size_t)candidate * columns->most_windows;
    return er_direction_of(&parts, lengths, columns->dimension, row);
}

float er_candidate_cosine(const er_columns *columns, const er_direction *direction, uint32_t candidate) {
    er_parts parts = er_parts_of(columns->candidates[candidate].features, columns->dimension);
    const float *lengths = columns->lengths + (size_t)candidate * columns->most_windows;
    float cosine = er_window_cosine(direction, parts.codes, lengths[0], columns->dimension);
    if (columns->sums[candidate] == 0) {
        return cosine;
    }
    for (uint32_t window = 1; window < parts.windows; window++) {
        const int8_t *codes = parts.codes + (size_t)window * columns->dimension;
        cosine += er_window_cosine(direction, codes, lengths[window], columns->dimension);
    }
    return cosine / columns->sums[candidate];
}

void er_set_all(const er_columns *columns, double *signal, double value) {
    for (uint32_t at = 0; at < columns->count; at++) {
        signal[at] = value;
    }
}
