#include "history.h"

#include "powers.h"

static const double ACTION_WEIGHTS[] = {[ER_VIEW] = 0.3, [ER_CLICK] = 0.6, [ER_PURCHASE] = 1, [ER_SKIP] = 1};
static const double HALF_LIFE_S = 7 * 86400.0;
static const double JUST_HALF_LIFE_S = 86400.0;
static const double DECAY_PER_EVENT = 0.8;

bool er_load_history(er_history *history, er_arena *arena, uint32_t dimension, uint32_t most_windows, er_error *error) {
    history->rows = er_take(arena, (size_t)ER_LATEST * dimension, sizeof *history->rows, error);
    history->lengths = er_take(arena, most_windows, sizeof *history->lengths, error);
    history->row = er_take(arena, dimension, sizeof *history->row, error);
    return history->rows != NULL && history->lengths != NULL && history->row != NULL;
}

static bool is_informative(const er_columns *columns, const er_event *event) {
    return event->features != NULL || er_has_category(event) ||
           er_number_of(&columns->id_numbers, &event->item_id) != ER_NO_NUMBER;
}

uint32_t er_count_informative(const er_columns *columns, const er_request *request) {
    uint32_t count = 0;
    for (uint32_t at = 0; at < request->event_count; at++) {
        count += is_informative(columns, &request->events[at]);
    }
    return count;
}

/* ----------------------------------------------------------------- recency */

/* 1 now, halved every half-life. */
static double decayed(double age_s, double half_life_s) { return er_exp2(-age_s / half_life_s); }

/* By the number of later events, `place`, if the age is not known. */
static double recency_of(const er_event *event, uint32_t place) {
    return er_is_known(event->age_s) ? decayed(event->age_s, HALF_LIFE_S) : er_pow(DECAY_PER_EVENT, place);
}

/* Of a purchase; without an age, 1 of the latest event alone. */
static double just_now(const er_event *event, uint32_t place) {
    return er_is_known(event->age_s) ? decayed(event->age_s, JUST_HALF_LIFE_S) : place == 0;
}

/* ----------------------------------------------------------------- profile */

static const er_event *event_at(const er_profile *profile, uint32_t at) {
    return &profile->events[profile->places[at]];
}

static double weight_at(const er_profile *profile, uint32_t at) {
    return ACTION_WEIGHTS[event_at(profile, at)->action] * profile->recencies[at];
}

/* Find the latest informative events of a kind. */
static void find_latest(er_profile *profile, const er_columns *columns, const er_request *request, bool skipped) {
    profile->events = request->events;
    profile->count = 0;
    for (uint32_t at = 0; at < request->event_count && profile->count < ER_LATEST; at++) {
        const er_event *event = &request->events[at];
        if ((event->action == ER_SKIP) == skipped && is_informative(columns, event)) {
            profile->recencies[profile->count] = recency_of(event, at);
            profile->places[profile->count++] = at;
        }
    }
}

/* Read the features of those of known items; of none if their weights are all 0. */
static void read_known(er_history *history, uint32_t dimension) {
    er_profile *profile = &history->profile;
    double total = 0;
    uint32_t count = 0;
    for (uint32_t at = 0; at < profile->count; at++) {
        const er_features *features = event_at(profile, at)->features;
        if (features != NULL) {
            er_parts parts = er_parts_of(features, dimension);
            er_window_lengths(&parts, dimension, history->lengths);
            profile->known[count] = features;
            profile->shares[count] = weight_at(profile, at);
            profile->directions[count] =
                er_direction_of(&parts, history->lengths, dimension, history->rows + (size_t)count * dimension);
            total += profile->shares[count++];
        }
    }
    profile->known_count = total > 0 ? count : 0;
    for (uint32_t at = 0; at < profile->known_count; at++) {
        profile->shares[at] /= total;
    }
}

static void read_profile(er_history *history, const er_columns *columns, const er_request *request, bool skipped) {
    find_latest(&history->profile, columns, request, skipped);
    read_known(history, columns->dimension);
}

/* ----------------------------------------------------------------- signals */

/* The mean of the cosines with known events by their shares, and the greatest. */
static void compare(er_history *history, const er_columns *columns, double *similarity, double *peak) {
    const er_profile *profile = &history->profile;
    float cosines[ER_LATEST];
    for (uint32_t at = 0; at < columns->count; at++) {
        similarity[at] = peak[at] = er_not_known();
        if (columns->candidates[at].features == NULL || profile->known_count == 0) {
            continue;
        }
        er_direction direction = er_candidate_direction(columns, at, history->row);
        er_cosines(&direction, profile->directions, profile->known_count, columns->dimension, cosines);
        double sum = 0, greatest = -1;
        for (uint32_t event = 0; event < profile->known_count; event++) {
            sum += cosines[event] * profile->shares[event];
            greatest = cosines[event] > greatest ? cosines[event] : greatest;
        }
        similarity[at] = sum;
        peak[at] = greatest;
    }
}

/* How recently the user had an event with each candidate itself, or bought it; NaN if no such event has an id. */
static void find_same_items(const er_profile *profile, const er_columns *columns, bool bought, double *signal) {
    double *latest = columns->by_number; /* by an id's number */
    memset(latest, 0, columns->count * sizeof *latest);
    bool known = false;
    for (uint32_t at = 0; at < profile->count; at++) {
        const er_event *event = event_at(profile, at);
        if (event->item_id.bytes == NULL || (bought && event->action != ER_PURCHASE)) {
            continue;
        }
        known = true;
        uint32_t number = er_number_of(&columns->id_numbers, &event->item_id);
        if (number != ER_NO_NUMBER) {
            double recency = bought ? just_now(event, profile->places[at]) : profile->recencies[at];
            latest[number] = recency > latest[number] ? recency : latest[number];
        }
    }
    for (uint32_t at = 0; at < columns->count; at++) {
        uint32_t number = columns->ids[at];
        signal[at] = !known ? er_not_known() : number == ER_NO_NUMBER ? 0 : latest[number];
    }
}

/* The share of events in each candidate's category; NaN where it, or they, have none. */
static void find_affinity(const er_profile *profile, const er_columns *columns, double *signal) {
    double *shares = columns->by_number; /* by a category's number */
    memset(shares, 0, columns->count * sizeof *shares);
    double total = 0;
    for (uint32_t at = 0; at < profile->count; at++) {
        const er_event *event = event_at(profile, at);
        if (er_has_category(event)) {
            uint32_t number = er_category_number(columns, event);
            total += weight_at(profile, at);
            if (number != ER_NO_NUMBER) {
                shares[number] += weight_at(profile, at);
            }
        }
    }
    for (uint32_t at = 0; at < columns->count; at++) {
        uint32_t number = columns->categories[at];
        signal[at] = total > 0 && number != ER_NO_NUMBER ? shares[number] / total : er_not_known();
    }
}

void er_liked(er_history *history, er_overlap *lexicon, const er_columns *columns, const er_request *request,
              const er_liked_signals *signals) {
    const er_profile *profile = &history->profile;
    read_profile(history, columns, request, false);
    compare(history, columns, signals->similarity, signals->peak);
    er_history_overlap(lexicon, columns, profile->known, profile->shares, profile->known_count, signals->overlap);
    find_same_items(profile, columns, false, signals->repeat);
    find_affinity(profile, columns, signals->affinity);
    find_same_items(profile, columns, true, signals->bought);
}

/* Add up the directions of known events by their shares, into `mean` `[dimension]`. */
static void add_up(const er_profile *profile, uint32_t dimension, float *mean) {
    memset(mean, 0, dimension * sizeof *mean);
    for (uint32_t event = 0; event < profile->known_count; event++) {
        const er_direction *direction = &profile->directions[event];
        float share = (float)profile->shares[event];
        for (uint32_t at = 0; at < dimension; at++) {
            mean[at] += direction->whole != NULL ? direction->whole[at] * share
                                                 : (float)direction->codes[at] * (share / direction->length);
        }
    }
}

void er_skipped(er_history *history, const er_columns *columns, const er_request *request, double *similarity) {
    read_profile(history, columns, request, true);
    /* Without a peak, one product with the mean does. */
    er_direction mean = {.whole = history->row};
    add_up(&history->profile, columns->dimension, history->row);
    for (uint32_t at = 0; at < columns->count; at++) {
        bool known = columns->candidates[at].features != NULL && history->profile.known_count > 0;
        similarity[at] = known ? er_candidate_cosine(columns, &mean, at) : er_not_known();
    }
}
