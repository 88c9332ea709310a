#include "task.h"

bool er_check_labels(er_document *document, const er_task *task) {
    for (uint32_t i = 0; i < (task->labels != NULL ? task->outputs : 0); i++) {
        for (uint32_t before = 0; before < i; before++) {
            if (er_same(task->labels[i], task->labels[before])) {
                return er_refuse(document, "two classes have the same label");
            }
        }
    }
    return true;
}
