/* Texts and pairs to classes or grades. */

#include "head.h"
#include "numbers.h"
#include "powers.h"

static const double UNITS = 1e6; /* outputs are rounded, so that the last bits don't decide between classes */

static double rounded(double value) { return er_rint(value * UNITS) / UNITS; }

/* Softmax of logits. */
static void decide(const float *logits, uint32_t count, double *outputs) {
    const double log2_of_e = 1.4426950408889634;
    float most = logits[0];
    double sum = 0;
    for (uint32_t at = 1; at < count; at++) {
        most = logits[at] > most ? logits[at] : most;
    }
    for (uint32_t at = 0; at < count; at++) {
        outputs[at] = er_exp2(((double)logits[at] - (double)most) * log2_of_e);
        sum += outputs[at];
    }
    for (uint32_t at = 0; at < count; at++) {
        outputs[at] = rounded(outputs[at] / sum);
    }
}

/* A head's logits: `features` is `[width]`. */
static void multiply(const er_head *head, const float *features, float *logits) {
    for (uint32_t output = 0; output < head->manifest.task.outputs; output++) {
        const int8_t *codes = head->codes + (size_t)output * head->width;
        float sum = 0;
        for (uint32_t at = 0; at < head->width; at++) {
            sum += features[at] * ((float)codes[at] * head->scales[output]);
        }
        logits[output] = sum + head->biases[output];
    }
}

/* Make the features of a pair of the two vectors, in place: |u - v|, and u v times the root of the dimension. */
static void compare(float *vectors, uint32_t dimension) {
    const float scale = __builtin_sqrtf((float)dimension);
    for (uint32_t at = 0; at < dimension; at++) {
        const float left = vectors[at], right = vectors[dimension + at];
        vectors[at] = left > right ? left - right : right - left;
        vectors[dimension + at] = scale * (left * right);
    }
}

static void classify_vectors(er_model *model, const er_head *head, float *vectors, er_classified *classified) {
    if (head->manifest.task.is_pair) {
        compare(vectors, model->manifest.dimension);
    }
    multiply(head, vectors, model->logits);
    decide(model->logits, head->manifest.task.outputs, classified->outputs);
}

/* What is being classified together. */
typedef struct batch {
    er_model *model;
    const er_head *head; /* NULL: the model itself */
    const er_text *texts;
    const er_text *seconds;
    er_classified *classified;
    uint32_t count;
} batch;

static void note(er_classified *classified, uint32_t tokens, bool truncated, bool readable) {
    classified->tokens += tokens;
    classified->truncated = classified->truncated || truncated;
    classified->readable = classified->readable && readable;
}

/* Read each text, or both of a pair, as the model embeds it. */
static er_status embed(const batch *of, er_error *error) {
    const uint32_t dimension = of->model->manifest.dimension, sides = of->seconds == NULL ? 1 : 2;
    er_text texts[ER_RUN_ROWS];
    er_reading readings[ER_RUN_ROWS];
    for (uint32_t at = 0; at < of->count * sides; at++) {
        texts[at] = at % sides == 0 ? of->texts[at / sides] : of->seconds[at / sides];
        readings[at] = (er_reading){.vector = of->model->vectors + (size_t)at * dimension};
    }
    const er_status status = er_embed(of->model, texts, of->count * sides, readings, error);
    for (uint32_t at = 0; status == ER_OK && at < of->count * sides; at++) {
        note(&of->classified[at / sides], readings[at].tokens, readings[at].truncated, readings[at].readable);
    }
    return status;
}

static void read_rows(const batch *of, uint32_t done) {
    const uint32_t dimension = of->model->manifest.dimension;
    const er_adapter *adapters = of->head == NULL ? NULL : of->head->adapters;
    const uint32_t count = er_read_run(of->model, adapters);
    memcpy(of->model->vectors + (size_t)done * dimension, of->model->run.outputs,
           (size_t)count * dimension * sizeof(float));
}

/* Read each text as one row with a pack's adapters, or a task model's text or pair as one. */
static void read_as_rows(const batch *of) {
    er_model *model = of->model;
    const bool is_joint = of->head == NULL && of->seconds != NULL;
    const uint32_t sides = of->seconds == NULL || is_joint ? 1 : 2;
    const er_text none = {NULL, 0};
    uint32_t done = 0;
    for (uint32_t at = 0; at < of->count * sides; at++) {
        er_row row;
        if (!er_has_room(model, model->manifest.max_length)) {
            const uint32_t waiting = model->run.row_count;
            read_rows(of, done);
            done += waiting;
        }
        const er_text text = at % sides == 0 ? of->texts[at / sides] : of->seconds[at / sides];
        er_tokenize_row(model->tokenizer, text, is_joint ? of->seconds[at] : none, er_next_row(model), &row);
        er_add_row(model, row.count, row.second);
        note(&of->classified[at / sides], row.count, row.truncated, row.readable);
    }
    read_rows(of, done);
}

static void decide_all(const batch *of) {
    er_model *model = of->model;
    const uint32_t sides = of->seconds == NULL || of->head == NULL ? 1 : 2;
    for (uint32_t at = 0; at < of->count; at++) {
        float *vectors = model->vectors + (size_t)at * sides * model->manifest.dimension;
        if (of->head != NULL) {
            classify_vectors(model, of->head, vectors, &of->classified[at]);
        } else if (model->manifest.task.is_grade) {
            of->classified[at].outputs[0] = rounded((double)vectors[0]);
        } else {
            decide(vectors, model->manifest.task.outputs, of->classified[at].outputs);
        }
    }
}

static er_status classify(const batch *of, er_error *error) {
    for (uint32_t at = 0; at < of->count; at++) {
        er_classified *one = &of->classified[at];
        one->tokens = one->truncated = 0;
        one->readable = 1;
    }
    if (of->head != NULL && of->head->adapters == NULL) {
        const er_status status = embed(of, error);
        if (status != ER_OK) {
            return status;
        }
    } else {
        read_as_rows(of);
    }
    decide_all(of);
    return ER_OK;
}

er_status er_classify(er_model *model, er_head *head, const er_text *texts, const er_text *seconds, size_t count,
                      er_classified *classified, er_error *error) {
    const er_task *task = head == NULL ? &model->manifest.task : &head->manifest.task;
    if (task->outputs == 0) {
        er_fail(error, ER_UNSUPPORTED, "a model that embeds classifies with a head");
        return ER_UNSUPPORTED;
    }
    if (task->is_pair != (seconds != NULL)) {
        er_fail(error, ER_ARGUMENT, task->is_pair ? "pairs of texts are classified: the second ones are missing"
                                                  : "single texts are classified, not pairs");
        return ER_ARGUMENT;
    }
    const uint32_t most = ER_RUN_ROWS / 2;
    for (size_t done = 0; done < count; done += most) {
        const size_t left = count - done;
        const batch of = {model, head, texts + done, seconds == NULL ? NULL : seconds + done, classified + done,
                          (uint32_t)(left < most ? left : most)};
        const er_status status = classify(&of, error);
        if (status != ER_OK) {
            return status;
        }
    }
    return ER_OK;
}
