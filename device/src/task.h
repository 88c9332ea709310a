/* What a task model or a head says about a text or a pair. */
#ifndef ER_TASK_H
#define ER_TASK_H

#include "schema.h"

enum { ER_MOST_CLASSES = 1000 };

/* Classes of a task model or of a head. Texts live in the arena that it was loaded into. */
typedef struct er_task {
    const er_text *labels; /* [outputs]; NULL of grades */
    uint32_t outputs;      /* 0: no task model */
    bool is_pair;
    bool is_grade;
} er_task;

/* Refuse labels of which two are the same. */
bool er_check_labels(er_document *document, const er_task *task);

#endif
