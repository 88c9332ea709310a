#include "matrix.h"

#include "processor.h"

enum { PANEL = 16, GROUP = 32 /* inputs of a scale in four bits */, LONGEST_NAME = 16 };

/* ---------------------------------------------------------------- products */

#define LANES 4
#define TARGET
#define NAME(part) part##_of_4
#include "matrix_kernel.h"
#undef LANES
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(part) part##_of_8
#include "matrix_kernel.h"
#undef LANES
#undef TARGET
#undef NAME

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512bw,avx2,fma")))
#define NAME(part) part##_of_16
#include "matrix_kernel.h"
#endif

er_kernel *er_fastest_kernel(void) {
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

/* ----------------------------------------------------------------- loading */

static bool take_shape(er_arena *arena, uint32_t inputs, uint32_t outputs, er_matrix *matrix, er_error *error) {
    const uint32_t panels = (outputs + PANEL - 1) / PANEL;
    *matrix = (er_matrix){.inputs = inputs, .outputs = outputs, .panels = panels};
    if ((uint64_t)panels * PANEL * inputs > UINT32_MAX / 16) {
        return er_fail(error, ER_UNSUPPORTED, "a matrix of %u x %u is too large", (size_t)inputs, (size_t)outputs);
    }
    const size_t columns = (size_t)panels * PANEL;
    matrix->bias = er_take(arena, columns, sizeof *matrix->bias, error);
    matrix->numbers = er_take(arena, columns * inputs, sizeof *matrix->numbers, error);
    return matrix->bias != NULL && matrix->numbers != NULL;
}

static float *number_of(const er_matrix *matrix, uint32_t input, uint32_t output) {
    return matrix->numbers + ((size_t)(output / PANEL) * matrix->inputs + input) * PANEL + output % PANEL;
}

float er_matrix_at(const er_matrix *matrix, uint32_t input, uint32_t output) {
    return *number_of(matrix, input, output);
}

/* Columns from `first` on, of codes times a scale each; 1 where they are NULL. */
static void fill_codes(const er_matrix *matrix, const int8_t *codes, uint32_t first, uint32_t columns,
                       const float *scales) {
    for (uint32_t input = 0; input < matrix->inputs; input++) {
        for (uint32_t output = 0; output < columns; output++) {
            const float scale = scales == NULL ? 1.0f : scales[output];
            *number_of(matrix, input, first + output) = (float)codes[(size_t)input * columns + output] * scale;
        }
    }
}

/* Low halves of the bytes are the first half of the inputs, high ones the second; a code is 8 less. */
static void fill_nibbles(const er_matrix *matrix, const uint8_t *bytes, const er_tensor *scales) {
    const uint32_t half = matrix->inputs / 2, outputs = matrix->outputs;
    for (uint32_t input = 0; input < matrix->inputs; input++) {
        const uint8_t *row = bytes + (size_t)(input % half) * outputs;
        const uint32_t shift = input < half ? 0 : 4;
        for (uint32_t output = 0; output < outputs; output++) {
            const float code = (float)((int)(row[output] >> shift & 15) - 8);
            *number_of(matrix, input, output) = code * er_float_at(scales, input / GROUP * outputs + output);
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
    if (!take_shape(arena, inputs, outputs, matrix, error)) {
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
        fill_codes(matrix, (const int8_t *)part->data, output, part->shape[1], NULL);
        for (uint32_t at = 0; at < part->count; at++) {
            *number_of(matrix, at / part->shape[1], output + at % part->shape[1]) *= er_float_at(scale, 0);
        }
        output += part->shape[1];
    }
    return true;
}

static bool load_numbers(er_arena *arena, const er_tensor *tensor, er_matrix *matrix, er_error *error) {
    if (!take_shape(arena, tensor->shape[0], tensor->shape[1], matrix, error)) {
        return false;
    }
    for (uint32_t place = 0; place < tensor->count; place++) {
        *number_of(matrix, place / matrix->outputs, place % matrix->outputs) = er_float_at(tensor, place);
    }
    return true;
}

static bool load_scaled(er_arena *arena, const er_tensor *codes, const er_tensor *scales, uint32_t inputs,
                        uint32_t outputs, er_matrix *matrix, er_error *error) {
    if (!take_shape(arena, inputs, outputs, matrix, error)) {
        return false;
    }
    if (codes->type == ER_UINT8) {
        fill_nibbles(matrix, codes->data, scales);
        return true;
    }
    fill_codes(matrix, (const int8_t *)codes->data, 0, outputs, NULL);
    for (uint32_t at = 0; at < codes->count; at++) {
        *number_of(matrix, at / outputs, at % outputs) *= er_float_at(scales, at % outputs);
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
    const bool is_int4 = codes->type == ER_UINT8 && inputs % GROUP == 0 && has_shape(codes, inputs / 2, outputs) &&
                         scales != NULL && scales->type == ER_FLOAT16 && scales->count == inputs / GROUP * outputs;
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
    if (!take_shape(arena, inputs, outputs, matrix, error)) {
        return false;
    }
    fill_codes(matrix, codes, 0, outputs, scales);
    return true;
}
