#include "matrix.h"

#include "processor.h"
#include "simd.h"

enum { PANEL = 16, LONGEST_NAME = 16 };

/* ---------------------------------------------------------------- products */

#define LANES 4
#define TARGET
#define NAME(part) part##_of_4
#define DOT(one, other) er_dot8(one, other)
#include "matrix_kernel.h"
#undef LANES
#undef TARGET
#undef NAME
#undef DOT

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(part) part##_of_8
#define DOT(one, other) (INTEGERS) _mm256_madd_epi16((__m256i)(one), (__m256i)(other))
#include "matrix_kernel.h"
#undef LANES
#undef TARGET
#undef NAME
#undef DOT

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512bw,avx2,fma")))
#define NAME(part) part##_of_16
#define DOT(one, other) (INTEGERS) _mm512_madd_epi16((__m512i)(one), (__m512i)(other))
#include "matrix_kernel.h"
#endif

static er_kernel *fastest_kernel(void) {
#if defined(__x86_64__)
    const uint32_t lanes = er_lanes();
    if (lanes == 16) {
        return multiply_of_16;
    }
    if (lanes == 8) {
        return multiply_of_8;
    }
#endif
    return multiply_of_4;
}

/* 32 numbers as 16-bit integers; returns what each of them is a multiple of. */
static float quantize_group(const float *numbers, int16_t *codes) {
    er_f4 most = er_all4(0);
    for (uint32_t at = 0; at < ER_GROUP; at += 4) {
        most = er_max4(most, er_abs4(er_load4(numbers + at)));
    }
    float largest = most[0] > most[1] ? most[0] : most[1];
    largest = most[2] > largest ? most[2] : largest;
    largest = most[3] > largest ? most[3] : largest;
    if (!(largest > 1e-30f)) { /* so small that its reciprocal would not be finite */
        memset(codes, 0, ER_GROUP * sizeof *codes);
        return 0;
    }
    const float factor = 32767.0f / largest;
    for (uint32_t at = 0; at < ER_GROUP; at += 4) {
        const er_i4 whole = er_round4(er_load4(numbers + at) * factor);
        for (uint32_t lane = 0; lane < 4; lane++) {
            codes[at + lane] = (int16_t)whole[lane];
        }
    }
    return largest / 32767.0f;
}

static void quantize_rows(const er_matrix *matrix, const float *rows, uint32_t count, const er_rows *room) {
    for (uint32_t row = 0; row < count; row++) {
        const float *numbers = rows + (size_t)row * matrix->inputs;
        int16_t *codes = room->codes + (size_t)row * matrix->groups * ER_GROUP;
        float *scales = room->scales + (size_t)row * matrix->groups;
        for (uint32_t group = 0; group < matrix->groups; group++) {
            const uint32_t left = matrix->inputs - group * ER_GROUP;
            float last[ER_GROUP] = {0};
            const float *from = numbers + group * ER_GROUP;
            if (left < ER_GROUP) {
                memcpy(last, from, left * sizeof *last);
                from = last;
            }
            scales[group] = quantize_group(from, codes + (size_t)group * ER_GROUP);
        }
    }
}

void er_multiply(const er_matrix *matrix, const float *rows, uint32_t count, er_rows *room, float *products, bool adds) {
    if (matrix->codes != NULL) {
        quantize_rows(matrix, rows, count, room);
    }
    room->kernel(matrix, rows, count, room, products, adds);
}

bool er_take_rows(er_arena *arena, uint32_t rows, uint32_t inputs, er_rows *taken, er_error *error) {
    const size_t groups = (inputs + ER_GROUP - 1) / ER_GROUP;
    taken->codes = er_take(arena, (size_t)rows * groups * ER_GROUP, sizeof *taken->codes, error);
    taken->scales = er_take(arena, (size_t)rows * groups, sizeof *taken->scales, error);
    taken->kernel = fastest_kernel();
    return taken->codes != NULL && taken->scales != NULL;
}

/* ----------------------------------------------------------------- loading */

static bool take_shape(er_arena *arena, uint32_t inputs, uint32_t outputs, bool has_codes, er_matrix *matrix,
                       er_error *error) {
    *matrix = (er_matrix){.inputs = inputs, .outputs = outputs};
    matrix->groups = (inputs + ER_GROUP - 1) / ER_GROUP;
    matrix->panels = (outputs + PANEL - 1) / PANEL;
    const size_t columns = (size_t)matrix->panels * PANEL;
    if ((uint64_t)columns * matrix->groups * ER_GROUP > UINT32_MAX / 4) {
        return er_fail(error, ER_UNSUPPORTED, "a matrix of %u x %u is too large", (size_t)inputs, (size_t)outputs);
    }
    matrix->bias = er_take(arena, columns, sizeof *matrix->bias, error);
    if (!has_codes) {
        matrix->numbers = er_take(arena, columns * inputs, sizeof *matrix->numbers, error);
        return matrix->bias != NULL && matrix->numbers != NULL;
    }
    matrix->codes = er_take(arena, columns * matrix->groups * ER_GROUP, sizeof *matrix->codes, error);
    matrix->scales = er_take(arena, columns * matrix->groups, sizeof *matrix->scales, error);
    return matrix->bias != NULL && matrix->codes != NULL && matrix->scales != NULL;
}

static int16_t *code_of(const er_matrix *matrix, uint32_t input, uint32_t output) {
    const size_t pairs = (size_t)matrix->groups * ER_GROUP / 2;
    return matrix->codes + ((output / PANEL * pairs + input / 2) * PANEL + output % PANEL) * 2 + input % 2;
}

static float *scale_of(const er_matrix *matrix, uint32_t group, uint32_t output) {
    return matrix->scales + ((size_t)(output / PANEL) * matrix->groups + group) * PANEL + output % PANEL;
}

static float *number_of(const er_matrix *matrix, uint32_t input, uint32_t output) {
    return matrix->numbers + ((size_t)(output / PANEL) * matrix->inputs + input) * PANEL + output % PANEL;
}

float er_matrix_at(const er_matrix *matrix, uint32_t input, uint32_t output) {
    if (matrix->numbers != NULL) {
        return *number_of(matrix, input, output);
    }
    return (float)*code_of(matrix, input, output) * *scale_of(matrix, input / ER_GROUP, output);
}

static void fill_codes(const er_matrix *matrix, const int8_t *codes, uint32_t first, uint32_t columns) {
    for (uint32_t input = 0; input < matrix->inputs; input++) {
        for (uint32_t output = 0; output < columns; output++) {
            *code_of(matrix, input, first + output) = codes[(size_t)input * columns + output];
        }
    }
}

/* Low halves of the bytes are the first half of the inputs, high ones the second; a code is 8 less. */
static void fill_nibbles(const er_matrix *matrix, const uint8_t *bytes) {
    const uint32_t half = matrix->inputs / 2;
    for (uint32_t input = 0; input < half; input++) {
        for (uint32_t output = 0; output < matrix->outputs; output++) {
            const uint8_t byte = bytes[(size_t)input * matrix->outputs + output];
            *code_of(matrix, input, output) = (int16_t)((byte & 15) - 8);
            *code_of(matrix, half + input, output) = (int16_t)((byte >> 4) - 8);
        }
    }
}

/* Scales of each group, or one row of them for all. */
static void fill_scales(const er_matrix *matrix, const er_tensor *scales, uint32_t groups) {
    for (uint32_t group = 0; group < matrix->groups; group++) {
        for (uint32_t output = 0; output < matrix->outputs; output++) {
            const uint32_t place = (groups == 1 ? 0 : group) * matrix->outputs + output;
            *scale_of(matrix, group, output) = er_float_at(scales, place);
        }
    }
}

static bool has_shape(const er_tensor *tensor, uint32_t rows, uint32_t columns) {
    return tensor->rank == 2 && tensor->shape[0] == rows && tensor->shape[1] == columns;
}

static const er_tensor *find_suffixed(const er_graph *graph, const char *name, const char *suffix) {
    char joined[LONGEST_NAME];
    uint32_t size = 0;
    for (const char *part = name; size < LONGEST_NAME - 1; part++) {
        if (*part == 0 && part != name && suffix != NULL) {
            part = suffix;
            suffix = NULL;
        }
        joined[size] = *part;
        if (*part == 0) {
            return er_find_tensor(graph, joined);
        }
        size++;
    }
    return NULL;
}

static bool load_bias(const er_graph *graph, const char *name, er_matrix *matrix, er_error *error) {
    const er_tensor *bias = find_suffixed(graph, name, ".b");
    if (bias == NULL || bias->type != ER_FLOAT32 || bias->count != matrix->outputs) {
        return er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx is not valid: '%s.b' is missing or misshapen", name);
    }
    for (uint32_t output = 0; output < matrix->outputs; output++) {
        matrix->bias[output] = er_float_at(bias, output);
    }
    return true;
}

/* Parts that lie side by side, each with one scale: `name.0`, `name.0.s`, and so on. */
static bool load_parts(er_arena *arena, const er_graph *graph, const char *name, uint32_t inputs, uint32_t outputs,
                       er_matrix *matrix, er_error *error) {
    char suffix[] = ".0", scale_suffix[] = ".0.s";
    if (!take_shape(arena, inputs, outputs, true, matrix, error)) {
        return false;
    }
    uint32_t output = 0;
    for (; output < outputs && suffix[1] <= '9'; suffix[1]++, scale_suffix[1]++) {
        const er_tensor *part = find_suffixed(graph, name, suffix);
        const er_tensor *scale = find_suffixed(graph, name, scale_suffix);
        if (part == NULL || scale == NULL || part->type != ER_INT8 || scale->type != ER_FLOAT32 || scale->count != 1 ||
            part->rank != 2 || part->shape[0] != inputs || part->shape[1] > outputs - output || part->shape[1] == 0) {
            return er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx is not valid: '%s%s' is missing or misshapen",
                           name, suffix);
        }
        fill_codes(matrix, (const int8_t *)part->data, output, part->shape[1]);
        for (uint32_t at = 0; at < part->shape[1] * matrix->groups; at++) {
            *scale_of(matrix, at % matrix->groups, output + at / matrix->groups) = er_float_at(scale, 0);
        }
        output += part->shape[1];
    }
    return true;
}

static bool load_numbers(er_arena *arena, const er_tensor *tensor, er_matrix *matrix, er_error *error) {
    if (!take_shape(arena, tensor->shape[0], tensor->shape[1], false, matrix, error)) {
        return false;
    }
    for (uint32_t place = 0; place < tensor->count; place++) {
        *number_of(matrix, place / matrix->outputs, place % matrix->outputs) = er_float_at(tensor, place);
    }
    return true;
}

static bool load_scaled(er_arena *arena, const er_tensor *codes, const er_tensor *scales, uint32_t inputs,
                        uint32_t outputs, er_matrix *matrix, er_error *error) {
    if (!take_shape(arena, inputs, outputs, true, matrix, error)) {
        return false;
    }
    if (codes->type == ER_INT8) {
        fill_codes(matrix, (const int8_t *)codes->data, 0, outputs);
        fill_scales(matrix, scales, 1);
    } else {
        fill_nibbles(matrix, codes->data);
        fill_scales(matrix, scales, matrix->groups);
    }
    return true;
}

static bool load_weights(er_arena *arena, const er_graph *graph, const char *name, uint32_t inputs, uint32_t outputs,
                         er_matrix *matrix, er_error *error) {
    const er_tensor *codes = er_find_tensor(graph, name), *scales = find_suffixed(graph, name, ".s");
    if (codes == NULL) {
        return load_parts(arena, graph, name, inputs, outputs, matrix, error);
    }
    if (codes->type == ER_FLOAT32 && has_shape(codes, inputs, outputs)) {
        return load_numbers(arena, codes, matrix, error);
    }
    const bool is_int8 = codes->type == ER_INT8 && has_shape(codes, inputs, outputs) && scales != NULL &&
                         scales->type == ER_FLOAT32 && scales->count == outputs;
    const bool is_int4 = codes->type == ER_UINT8 && inputs % ER_GROUP == 0 && has_shape(codes, inputs / 2, outputs) &&
                         scales != NULL && scales->type == ER_FLOAT16 && scales->count == inputs / ER_GROUP * outputs;
    if (!is_int8 && !is_int4) {
        return er_fail(error, ER_FILE_INVALID, "onnx/model_int8.onnx is not valid: '%s' is misshapen", name);
    }
    return load_scaled(arena, codes, scales, inputs, outputs, matrix, error);
}

bool er_load_matrix(er_arena *arena, const er_graph *graph, const char *name, uint32_t inputs, uint32_t outputs,
                    bool has_bias, er_matrix *matrix, er_error *error) {
    return load_weights(arena, graph, name, inputs, outputs, matrix, error) &&
           (!has_bias || load_bias(graph, name, matrix, error));
}

bool er_make_matrix(er_arena *arena, const int8_t *codes, uint32_t inputs, uint32_t outputs, const float *scales,
                    er_matrix *matrix, er_error *error) {
    if (!take_shape(arena, inputs, outputs, true, matrix, error)) {
        return false;
    }
    fill_codes(matrix, codes, 0, outputs);
    for (uint32_t at = 0; at < matrix->groups * outputs; at++) {
        const uint32_t output = at / matrix->groups;
        *scale_of(matrix, at % matrix->groups, output) = scales == NULL ? 1.0f : scales[output];
    }
    return true;
}
