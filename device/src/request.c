#include "request.h"

#include "query.h"

/* NaN, which stands for a number that is not known, is not infinite. */
static bool is_infinite(double value) { return value == __builtin_inf() || value == -__builtin_inf(); }

static bool check_number(double value, bool signed_too, const char *list, uint32_t place, const char *name,
                         er_error *error) {
    if (is_infinite(value)) {
        return er_fail(error, ER_ARGUMENT, "%s[%u].%s must be finite", list, (size_t)place, name);
    }
    if (value < 0 && !signed_too) {
        return er_fail(error, ER_ARGUMENT, "%s[%u].%s must not be negative", list, (size_t)place, name);
    }
    return true;
}

static bool check_features(const er_features *features, const er_limits *limits, const char *list, uint32_t place,
                           er_error *error) {
    uint32_t windows = features == NULL ? 1 : er_parts_of(features, 0).windows;
    if (windows == 0 || windows > limits->windows) {
        return er_fail(error, ER_ARGUMENT, "%s[%u].features must have 1 to %u windows; they have %u", list,
                       (size_t)place, (size_t)limits->windows, (size_t)windows);
    }
    return true;
}

static bool check_count(uint32_t count, uint32_t most, const void *list, const char *name, er_error *error) {
    if (count > most) {
        return er_fail(error, ER_ARGUMENT, "at most %u %s; there are %u", (size_t)most, name, (size_t)count);
    }
    return count == 0 || list != NULL || er_fail(error, ER_ARGUMENT, "%s must not be NULL", name);
}

static bool check_candidates(const er_request *request, const er_limits *limits, er_error *error) {
    if (!check_count(request->candidate_count, limits->candidates, request->candidates, "candidates", error)) {
        return false;
    }
    for (uint32_t at = 0; at < request->candidate_count; at++) {
        const er_candidate *one = &request->candidates[at];
        if (!check_number(one->score, true, "candidates", at, "score", error) ||
            !check_number(one->popularity, false, "candidates", at, "popularity", error) ||
            !check_number(one->age_s, false, "candidates", at, "age_s", error) ||
            !check_features(one->features, limits, "candidates", at, error)) {
            return false;
        }
    }
    return true;
}

static bool check_events(const er_request *request, const er_limits *limits, er_error *error) {
    if (!check_count(request->event_count, limits->events, request->events, "events", error)) {
        return false;
    }
    for (uint32_t at = 0; at < request->event_count; at++) {
        const er_event *one = &request->events[at];
        if ((uint32_t)one->action > ER_SKIP) {
            return er_fail(error, ER_ARGUMENT, "events[%u].action must be 0 to %u", (size_t)at, (size_t)ER_SKIP);
        }
        if (!check_number(one->age_s, false, "events", at, "age_s", error) ||
            !check_features(one->features, limits, "events", at, error)) {
            return false;
        }
    }
    return true;
}

static bool check_pins(const er_request *request, uint8_t *pinned, er_error *error) {
    if (!check_count(request->pinned_count, request->candidate_count, request->pinned, "pinned", error)) {
        return false;
    }
    memset(pinned, 0, request->candidate_count);
    for (uint32_t at = 0; at < request->pinned_count; at++) {
        uint32_t place = request->pinned[at];
        if (place >= request->candidate_count) {
            return er_fail(error, ER_ARGUMENT, "pinned[%u] is %u, but there are %u candidates", (size_t)at,
                           (size_t)place, (size_t)request->candidate_count);
        }
        if (pinned[place]) {
            return er_fail(error, ER_ARGUMENT, "pinned[%u] repeats candidate %u", (size_t)at, (size_t)place);
        }
        pinned[place] = 1;
    }
    return true;
}

static bool check_options(const er_request *request, er_error *error) {
    if (!(request->diversity >= 0 && request->diversity <= 1)) {
        return er_fail(error, ER_ARGUMENT, "diversity must be 0 to 1");
    }
    return (uint32_t)request->ranker <= ER_UPSTREAM ||
           er_fail(error, ER_ARGUMENT, "ranker must be 0 to %u", (size_t)ER_UPSTREAM);
}

er_status er_check_request(const er_request *request, const er_limits *limits, uint8_t *pinned, er_error *error) {
    bool valid = check_options(request, error) && check_candidates(request, limits, error) &&
                 check_events(request, limits, error) && check_pins(request, pinned, error);
    return valid ? ER_OK : ER_ARGUMENT;
}
