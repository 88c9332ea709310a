/* Whether a ranking request is within its documented ranges. */
#ifndef ER_REQUEST_H
#define ER_REQUEST_H

#include "base.h"

typedef struct er_limits {
    uint32_t candidates;
    uint32_t events;
    uint32_t windows; /* of each text */
} er_limits;

/* ER_OK, or ER_ARGUMENT with an error. `pinned` `[limits->candidates]` is scratch. */
er_status er_check_request(const er_request *request, const er_limits *limits, uint8_t *pinned, er_error *error);

#endif
