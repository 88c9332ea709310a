#include "slate.h"

bool er_load_slate(er_slate *slate, er_arena *arena, uint32_t dimension, uint32_t most_candidates, er_error *error) {
    slate->order = er_take(arena, most_candidates, sizeof *slate->order, error);
    slate->waiting = er_take(arena, most_candidates, sizeof *slate->waiting, error);
    slate->gains = er_take(arena, most_candidates, sizeof *slate->gains, error);
    slate->relevances = er_take(arena, most_candidates, sizeof *slate->relevances, error);
    slate->closest = er_take(arena, most_candidates, sizeof *slate->closest, error);
    slate->compared = er_take(arena, most_candidates, sizeof *slate->compared, error);
    slate->taken = er_take(arena, most_candidates, sizeof *slate->taken, error);
    slate->placed = er_take(arena, most_candidates, sizeof *slate->placed, error);
    slate->row = er_take(arena, dimension, sizeof *slate->row, error);
    return slate->order != NULL && slate->waiting != NULL && slate->gains != NULL && slate->relevances != NULL &&
           slate->closest != NULL && slate->compared != NULL && slate->taken != NULL && slate->placed != NULL &&
           slate->row != NULL;
}

/* -------------------------------------------------------------------- heap */

static bool comes_before(const er_slate *slate, uint32_t one, uint32_t other) {
    return slate->gains[one] > slate->gains[other] || (slate->gains[one] == slate->gains[other] && one < other);
}

/* Move a candidate down until none below comes before it. */
static void sink(er_slate *slate, uint32_t at) {
    uint32_t *heap = slate->waiting, sinking = heap[at];
    for (;;) {
        uint32_t below = 2 * at + 1;
        if (below >= slate->waiting_count) {
            break;
        }
        if (below + 1 < slate->waiting_count && comes_before(slate, heap[below + 1], heap[below])) {
            below++;
        }
        if (!comes_before(slate, heap[below], sinking)) {
            break;
        }
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = sinking;
}

static void remove_next(er_slate *slate) {
    slate->waiting[0] = slate->waiting[--slate->waiting_count];
    if (slate->waiting_count > 0) {
        sink(slate, 0);
    }
}

/* ----------------------------------------------------------------- novelty */

/* The cosine of two candidates; if one has no direction, 1 if both have the same category, else 0. */
static float similarity(const er_columns *columns, const er_direction *one, uint32_t candidate, uint32_t other) {
    if (one == NULL || columns->candidates[other].features == NULL) {
        uint32_t category = columns->categories[candidate];
        return category != ER_NO_NUMBER && category == columns->categories[other];
    }
    return er_candidate_cosine(columns, one, other);
}

/* Compare a candidate with what has been placed since it was compared last, and lower its gain. */
static void compare(er_slate *slate, const er_columns *columns, uint32_t candidate, float diversity) {
    bool known = columns->candidates[candidate].features != NULL;
    er_direction direction;
    if (known) {
        direction = er_candidate_direction(columns, candidate, slate->row);
    }
    float closest = slate->closest[candidate];
    for (uint32_t at = slate->compared[candidate]; at < slate->length; at++) {
        float one = similarity(columns, known ? &direction : NULL, candidate, slate->order[at]);
        closest = one > closest ? one : closest;
    }
    slate->closest[candidate] = closest;
    slate->compared[candidate] = slate->length;
    slate->gains[candidate] = slate->relevances[candidate] - diversity * closest;
}

/* Scale scores to 0 to 1 - diversity; to 0 if they are all equal. */
static void scale(er_slate *slate, const double *scores, uint32_t count, double diversity) {
    double least = __builtin_inf(), greatest = -__builtin_inf();
    for (uint32_t at = 0; at < count; at++) {
        least = scores[at] < least ? scores[at] : least;
        greatest = scores[at] > greatest ? scores[at] : greatest;
    }
    double span = greatest - least;
    for (uint32_t at = 0; at < count; at++) {
        slate->relevances[at] = span > 0 ? (1 - diversity) * (scores[at] - least) / span : 0;
    }
}

/* ------------------------------------------------------------------- slate */

static bool is_full(const er_slate *slate, const er_columns *columns, uint32_t candidate, uint32_t most) {
    uint32_t category = columns->categories[candidate];
    return most > 0 && category != ER_NO_NUMBER && slate->taken[category] >= most;
}

static void place(er_slate *slate, const er_columns *columns, uint32_t candidate) {
    slate->order[slate->length++] = candidate;
    slate->placed[candidate] = 1;
    if (columns->categories[candidate] != ER_NO_NUMBER) {
        slate->taken[columns->categories[candidate]]++;
    }
}

static void begin(er_slate *slate, const er_columns *columns, const er_request *request, const double *scores) {
    uint32_t count = columns->count;
    memset(slate->placed, 0, count * sizeof *slate->placed);
    memset(slate->taken, 0, count * sizeof *slate->taken);
    memset(slate->closest, 0, count * sizeof *slate->closest);
    memset(slate->compared, 0, count * sizeof *slate->compared);
    slate->length = slate->waiting_count = 0;
    if (request->diversity > 0) {
        scale(slate, scores, count, request->diversity);
        scores = slate->relevances;
    }
    memcpy(slate->gains, scores, count * sizeof *scores);
}

void er_build_slate(er_slate *slate, const er_columns *columns, const er_request *request, const double *scores) {
    uint32_t count = columns->count, most = request->max_per_category;
    uint32_t wanted = request->top_n == 0 ? count : er_least(request->top_n, count);
    begin(slate, columns, request, scores);
    for (uint32_t at = 0; at < request->pinned_count && slate->length < wanted; at++) {
        place(slate, columns, request->pinned[at]);
    }
    for (uint32_t at = 0; at < count; at++) {
        if (!slate->placed[at]) {
            slate->waiting[slate->waiting_count++] = at;
        }
    }
    for (uint32_t at = slate->waiting_count / 2; at > 0; at--) {
        sink(slate, at - 1);
    }
    while (slate->length < wanted && slate->waiting_count > 0) {
        uint32_t next = slate->waiting[0];
        if (is_full(slate, columns, next, most)) {
            remove_next(slate);
        } else if (request->diversity > 0 && slate->compared[next] < slate->length) {
            /* Similarity only grows with the slate: nobody can gain more than what was compared with less of it. */
            compare(slate, columns, next, (float)request->diversity);
            sink(slate, 0);
        } else {
            place(slate, columns, next);
            remove_next(slate);
        }
    }
}
