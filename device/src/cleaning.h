/* Clean-up of texts before they are split: HTML entities decoded, control characters blanked, length bounded. */
#ifndef ER_CLEANING_H
#define ER_CLEANING_H

#include "base.h"

enum { ER_MOST_POINTS = 8192 }; /* of a text that are looked at; no model reads further, unless it is mostly blanks */

typedef struct er_cleaned {
    uint32_t count; /* of code points */
    bool is_ascii;
    bool cut; /* whether the text has more than are looked at */
} er_cleaned;

/* Read a text's code points into `points` `[ER_MOST_POINTS]`, ready to be split. */
er_cleaned er_clean(er_text text, uint32_t *points);

#endif
