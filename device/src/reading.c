/* Texts to vectors, features and queries. */

#include "features.h"
#include "functions.h"
#include "model.h"

/* A window that waits for the run to be read. */
typedef struct window {
    er_reading *reading;
    uint32_t number;
    uint32_t windows; /* of the text */
} window;

static void add(float *sum, const float *vector, uint32_t dimension, bool is_first) {
    for (uint32_t at = 0; at < dimension; at++) {
        sum[at] = is_first ? vector[at] : sum[at] + vector[at];
    }
}

/* The direction of the mean of several windows; of opposite ones there is none: then that of the first. */
static void finish(const er_model *model, float *sum) {
    const uint32_t dimension = model->manifest.dimension;
    if (er_dot_f(sum, sum, dimension) > 0) {
        er_normalize(sum, dimension);
    } else {
        memcpy(sum, model->first, dimension * sizeof *sum);
    }
}

static void deliver(er_model *model, const window *of, const float *vector) {
    const uint32_t dimension = model->manifest.dimension;
    er_reading *reading = of->reading;
    float *sums[] = {reading->vector, reading->query == NULL ? NULL : reading->query->vector};
    if (of->number == 0) {
        memcpy(model->first, vector, dimension * sizeof *vector);
    }
    if (reading->features != NULL) {
        er_write_window(vector, of->number, dimension, reading->features);
    }
    for (uint32_t at = 0; at < 2; at++) {
        if (sums[at] != NULL) {
            add(sums[at], vector, dimension, of->number == 0);
        }
        if (sums[at] != NULL && of->windows > 1 && of->number == of->windows - 1) {
            finish(model, sums[at]);
        }
    }
}

static void read_waiting(er_model *model, const window *waiting) {
    const uint32_t count = er_read_run(model, NULL);
    for (uint32_t row = 0; row < count; row++) {
        deliver(model, &waiting[row], model->run.outputs + (size_t)row * model->manifest.dimension);
    }
}

/* Fill in all that is known before the model reads. */
static void describe(er_model *model, const er_tokenized *tokenized, er_reading *reading) {
    er_terms found;
    reading->truncated = tokenized->truncated;
    reading->readable = tokenized->readable;
    reading->tokens = 0;
    reading->features_size = 0;
    if (reading->query != NULL || reading->features != NULL) {
        er_terms *terms = reading->query == NULL ? &found : &reading->query->terms;
        er_find_terms(model->tokenizer, tokenized, terms);
        if (reading->features != NULL) {
            reading->features_size =
                er_write_terms(tokenized->windows, terms, model->manifest.dimension, reading->features);
        }
    }
}

er_status er_embed(er_model *model, const er_text *texts, size_t text_count, er_reading *readings, er_error *error) {
    window waiting[ER_RUN_ROWS];
    if (model->manifest.task.outputs != 0) {
        er_fail(error, ER_UNSUPPORTED, "a task model classifies; it does not embed");
        return ER_UNSUPPORTED;
    }
    for (size_t text = 0; text < text_count; text++) {
        er_tokenized tokenized;
        er_reading *reading = &readings[text];
        er_tokenize(model->tokenizer, texts[text], &tokenized);
        describe(model, &tokenized, reading);
        for (uint32_t number = 0; number < tokenized.windows; number++) {
            if (!er_has_room(model, model->manifest.max_length)) {
                read_waiting(model, waiting);
            }
            const uint32_t count = er_window(model->tokenizer, &tokenized, number, er_next_row(model));
            waiting[model->run.row_count] = (window){reading, number, tokenized.windows};
            er_add_row(model, count, count);
            reading->tokens += count;
        }
    }
    if (model->run.row_count > 0) {
        read_waiting(model, waiting);
    }
    return ER_OK;
}

uint32_t er_split(er_model *model, const er_text *text, uint32_t *ids, uint32_t most) {
    er_tokenized tokenized;
    uint32_t total = 0;
    er_tokenize(model->tokenizer, *text, &tokenized);
    for (uint32_t number = 0; number < tokenized.windows; number++) {
        const uint32_t *window = model->run.ids; /* no row waits there between calls */
        const uint32_t count = er_window(model->tokenizer, &tokenized, number, model->run.ids);
        for (uint32_t at = 0; at < count; at++, total++) {
            if (total < most) {
                ids[total] = window[at];
            }
        }
    }
    return total;
}
