/*
 * The products of rows with a matrix, LANES outputs at once. Included once for each kind of processor, with LANES, TARGET
 * and a NAME: no guard.
 */

typedef float NAME(floats) __attribute__((vector_size(4 * LANES)));

#define FLOATS NAME(floats)
#define INLINE static inline __attribute__((always_inline)) TARGET

/* Rows and vectors of outputs at once: what the processor's registers hold of sums. */
enum { NAME(ROWS) = LANES > 8 ? 8 : 4, NAME(STEP) = LANES > 8 ? 1 : 2 };
#define ROWS NAME(ROWS)
#define STEP NAME(STEP)

INLINE FLOATS NAME(load)(const float *from) {
    FLOATS value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* Products of `rows` rows with STEP vectors of outputs from `output` on, added to `sums`. */
INLINE void NAME(add)(const er_matrix *matrix, uint32_t panel, uint32_t output, const float *inputs,
                              const uint32_t rows, FLOATS sums[][STEP]) {
    const float *numbers = matrix->numbers + (size_t)panel * matrix->inputs * PANEL + output;
    for (uint32_t input = 0; input < matrix->inputs; input++, numbers += PANEL) {
        for (uint32_t at = 0; at < STEP; at++) {
            const FLOATS weights = NAME(load)(numbers + LANES * at);
            for (uint32_t one = 0; one < rows; one++) {
                sums[one][at] += weights * inputs[(size_t)one * matrix->inputs + input];
            }
        }
    }
}

/* Products of up to ROWS rows, of STEP vectors of outputs. */
INLINE void NAME(block)(const er_matrix *matrix, uint32_t panel, uint32_t output, const float *inputs, uint32_t row,
                        const uint32_t rows, float *products, bool adds) {
    const uint32_t first = panel * PANEL + output;
    FLOATS sums[ROWS][STEP];
    for (uint32_t one = 0; one < rows; one++) {
        for (uint32_t at = 0; at < STEP; at++) {
            sums[one][at] = (FLOATS){0};
        }
    }
    NAME(add)(matrix, panel, output, inputs + (size_t)row * matrix->inputs, rows, sums);
    for (uint32_t one = 0; one < rows; one++) {
        float *to = products + (size_t)(row + one) * matrix->outputs + first;
        for (uint32_t at = 0; at < STEP; at++, to += LANES) {
            const uint32_t begin = first + LANES * at;
            const FLOATS sum = sums[one][at] + NAME(load)(matrix->bias + begin) * (adds ? 0.0f : 1.0f);
            if (begin + LANES <= matrix->outputs) {
                FLOATS before = {0};
                if (adds) {
                    memcpy(&before, to, sizeof before);
                }
                const FLOATS all = sum + before;
                memcpy(to, &all, sizeof all);
            } else {
                for (uint32_t lane = 0; begin + lane < matrix->outputs; lane++) {
                    to[lane] = sum[lane] + (adds ? to[lane] : 0);
                }
            }
        }
    }
}

TARGET static void NAME(multiply)(const er_matrix *matrix, const float *rows, uint32_t count, float *products,
                                  bool adds) {
    for (uint32_t panel = 0; panel < matrix->panels; panel++) {
        for (uint32_t output = 0; output < PANEL; output += LANES * STEP) {
            uint32_t row = 0;
            for (; row + ROWS <= count; row += ROWS) {
                NAME(block)(matrix, panel, output, rows, row, ROWS, products, adds);
            }
            for (; row < count; row++) {
                NAME(block)(matrix, panel, output, rows, row, 1, products, adds);
            }
        }
    }
}

#undef FLOATS
#undef INLINE
#undef STEP
#undef ROWS
