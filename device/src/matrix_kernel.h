/*
 * The products of rows with a matrix, LANES outputs at once. Included once for each kind of processor, with LANES, TARGET,
 * DOT and a NAME: no guard.
 */

typedef float NAME(floats) __attribute__((vector_size(4 * LANES)));
typedef int32_t NAME(integers) __attribute__((vector_size(4 * LANES)));
typedef int16_t NAME(codes) __attribute__((vector_size(4 * LANES)));

#define FLOATS NAME(floats)
#define INTEGERS NAME(integers)
#define CODES NAME(codes)
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

/* Sums of codes, for `rows` rows from `row` on and STEP vectors of outputs from `output` on, added to `sums`. */
INLINE void NAME(add_codes)(const er_matrix *matrix, uint32_t panel, uint32_t output, const er_rows *room, uint32_t row,
                            const uint32_t rows, FLOATS sums[][STEP]) {
    const uint32_t groups = matrix->groups;
    const int16_t *codes = matrix->codes + (size_t)panel * groups * ER_GROUP * PANEL + 2 * output;
    const float *scales = matrix->scales + (size_t)panel * groups * PANEL + output;
    const int16_t *inputs = room->codes + (size_t)row * groups * ER_GROUP;
    for (uint32_t group = 0; group < groups; group++, scales += PANEL) {
        INTEGERS exact[ROWS][STEP];
        for (uint32_t one = 0; one < rows; one++) {
            for (uint32_t at = 0; at < STEP; at++) {
                exact[one][at] = (INTEGERS){0};
            }
        }
        for (uint32_t pair = 0; pair < ER_GROUP / 2; pair++, codes += 2 * PANEL) {
            CODES weights[STEP];
            for (uint32_t at = 0; at < STEP; at++) {
                memcpy(&weights[at], codes + 2 * LANES * at, sizeof weights[at]);
            }
            for (uint32_t one = 0; one < rows; one++) {
                int32_t both;
                memcpy(&both, inputs + ((size_t)one * groups + group) * ER_GROUP + 2 * pair, sizeof both);
                const CODES wide = (CODES)((INTEGERS){0} + both);
                for (uint32_t at = 0; at < STEP; at++) {
                    exact[one][at] += DOT(weights[at], wide);
                }
            }
        }
        for (uint32_t one = 0; one < rows; one++) {
            const float scale = room->scales[(size_t)(row + one) * groups + group];
            for (uint32_t at = 0; at < STEP; at++) {
                sums[one][at] += __builtin_convertvector(exact[one][at], FLOATS) *
                                 (NAME(load)(scales + LANES * at) * scale);
            }
        }
    }
}

/* The same of floats. */
INLINE void NAME(add_numbers)(const er_matrix *matrix, uint32_t panel, uint32_t output, const float *inputs,
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
INLINE void NAME(block)(const er_matrix *matrix, uint32_t panel, uint32_t output, const float *inputs,
                        const er_rows *room, uint32_t row, const uint32_t rows, float *products, bool adds) {
    const uint32_t first = panel * PANEL + output;
    FLOATS sums[ROWS][STEP];
    for (uint32_t one = 0; one < rows; one++) {
        for (uint32_t at = 0; at < STEP; at++) {
            sums[one][at] = (FLOATS){0};
        }
    }
    if (matrix->codes != NULL) {
        NAME(add_codes)(matrix, panel, output, room, row, rows, sums);
    } else {
        NAME(add_numbers)(matrix, panel, output, inputs + (size_t)row * matrix->inputs, rows, sums);
    }
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

TARGET static void NAME(multiply)(const er_matrix *matrix, const float *rows, uint32_t count, const er_rows *room,
                                  float *products, bool adds) {
    for (uint32_t panel = 0; panel < matrix->panels; panel++) {
        for (uint32_t output = 0; output < PANEL; output += LANES * STEP) {
            uint32_t row = 0;
            for (; row + ROWS <= count; row += ROWS) {
                NAME(block)(matrix, panel, output, rows, room, row, ROWS, products, adds);
            }
            for (; row < count; row++) {
                NAME(block)(matrix, panel, output, rows, room, row, 1, products, adds);
            }
        }
    }
}

#undef FLOATS
#undef INTEGERS
#undef CODES
#undef INLINE
#undef STEP
#undef ROWS
