#include "vectors.h"

enum { LANES = 16 };

/* Sums lane by lane, the same on every processor, that compilers turn into vectors. */
static float sum_of(const float *lanes) {
    float sums[4];
    for (uint32_t lane = 0; lane < 4; lane++) {
        sums[lane] = (lanes[lane] + lanes[lane + 4]) + (lanes[lane + 8] + lanes[lane + 12]);
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

float er_dot(const float *one, const float *other, uint32_t dimension) {
    float lanes[LANES] = {0};
    uint32_t at = 0;
    for (; at + LANES <= dimension; at += LANES) {
        for (uint32_t lane = 0; lane < LANES; lane++) {
            lanes[lane] += one[at + lane] * other[at + lane];
        }
    }
    for (; at < dimension; at++) {
        lanes[0] += one[at] * other[at];
    }
    return sum_of(lanes);
}

float er_dot_codes(const float *one, const int8_t *codes, uint32_t dimension) {
    float lanes[LANES] = {0};
    uint32_t at = 0;
    for (; at + LANES <= dimension; at += LANES) {
        for (uint32_t lane = 0; lane < LANES; lane++) {
            lanes[lane] += one[at + lane] * (float)codes[at + lane];
        }
    }
    for (; at < dimension; at++) {
        lanes[0] += one[at] * (float)codes[at];
    }
    return sum_of(lanes);
}

typedef int8_t bytes8 __attribute__((vector_size(8)));
typedef int16_t shorts8 __attribute__((vector_size(16)));
typedef int32_t words4 __attribute__((vector_size(16)));

/* Sums of two products each: an instruction that compilers do not find by themselves everywhere. */
static words4 add_products(shorts8 one, shorts8 other) {
#if defined(__wasm_simd128__)
    return __builtin_wasm_dot_s_i32x4_i16x8(one, other);
#elif defined(__SSE2__)
    return __builtin_ia32_pmaddwd128(one, other);
#else
    typedef int16_t shorts4 __attribute__((vector_size(8)));
    words4 sum = {0};
    for (int half = 0; half < 2; half++) {
        shorts4 left, right;
        __builtin_memcpy(&left, (const char *)&one + 8 * half, sizeof left);
        __builtin_memcpy(&right, (const char *)&other + 8 * half, sizeof right);
        sum += __builtin_convertvector(left, words4) * __builtin_convertvector(right, words4);
    }
    return sum;
#endif
}

/* `memcpy` itself is a call in WebAssembly, which is compiled without built-in functions. */
static words4 dot_of_8(const int16_t *wide, const int8_t *codes) {
    shorts8 left;
    bytes8 right;
    __builtin_memcpy(&left, wide, sizeof left);
    __builtin_memcpy(&right, codes, sizeof right);
    return add_products(left, __builtin_convertvector(right, shorts8));
}

static int32_t sum_of_words(words4 words) { return (words[0] + words[1]) + (words[2] + words[3]); }

static int32_t dot_of_codes(const int16_t *wide, const int8_t *codes, uint32_t dimension) {
    words4 sums = {0}, others = {0};
    uint32_t at = 0;
    for (; at + 16 <= dimension; at += 16) {
        sums += dot_of_8(wide + at, codes + at);
        others += dot_of_8(wide + at + 8, codes + at + 8);
    }
    int32_t sum = sum_of_words(sums + others);
    for (; at < dimension; at++) {
        sum += wide[at] * codes[at];
    }
    return sum;
}

/* Four at once, which share what it costs to read `wide`. */
static void dots_of_codes(const int16_t *wide, const er_direction *others, uint32_t dimension, int32_t *dots) {
    words4 sums[4] = {{0}};
    uint32_t at = 0;
    for (; at + 8 <= dimension; at += 8) {
        sums[0] += dot_of_8(wide + at, others[0].codes + at);
        sums[1] += dot_of_8(wide + at, others[1].codes + at);
        sums[2] += dot_of_8(wide + at, others[2].codes + at);
        sums[3] += dot_of_8(wide + at, others[3].codes + at);
    }
    for (uint32_t other = 0; other < 4; other++) {
        dots[other] = sum_of_words(sums[other]);
        for (uint32_t rest = at; rest < dimension; rest++) {
            dots[other] += wide[rest] * others[other].codes[rest];
        }
    }
}

void er_window_lengths(const er_parts *parts, uint32_t dimension, float *lengths) {
    for (uint32_t window = 0; window < parts->windows; window++) {
        const int8_t *codes = parts->codes + (size_t)window * dimension;
        int32_t square = 0;
        for (uint32_t at = 0; at < dimension; at++) {
            square += codes[at] * codes[at];
        }
        lengths[window] = square > 0 ? __builtin_sqrtf((float)square) : 1;
    }
}

float er_add_windows(const er_parts *parts, const float *lengths, uint32_t dimension, float *sum) {
    memset(sum, 0, dimension * sizeof *sum);
    for (uint32_t window = 0; window < parts->windows; window++) {
        const int8_t *codes = parts->codes + (size_t)window * dimension;
        for (uint32_t at = 0; at < dimension; at++) {
            sum[at] += (float)codes[at] / lengths[window];
        }
    }
    return __builtin_sqrtf(er_dot(sum, sum, dimension));
}

er_direction er_direction_of(const er_parts *parts, const float *lengths, uint32_t dimension, float *row) {
    er_direction direction = {.codes = parts->codes, .length = lengths[0]};
    float length = parts->windows == 1 ? 0 : er_add_windows(parts, lengths, dimension, row);
    if (length > 0) {
        for (uint32_t at = 0; at < dimension; at++) {
            row[at] /= length;
        }
        direction.whole = row;
        return direction;
    }
    int16_t *wide = (int16_t *)(void *)row;
    for (uint32_t at = 0; at < dimension; at++) {
        wide[at] = parts->codes[at];
    }
    direction.wide = wide;
    return direction;
}

float er_window_cosine(const er_direction *one, const int8_t *codes, float length, uint32_t dimension) {
    if (one->whole != NULL) {
        return er_dot_codes(one->whole, codes, dimension) / length;
    }
    return (float)dot_of_codes(one->wide, codes, dimension) / (one->length * length);
}

static float cosine_of(const er_direction *one, const er_direction *other, uint32_t dimension) {
    if (other->whole == NULL) {
        return er_window_cosine(one, other->codes, other->length, dimension);
    }
    if (one->whole == NULL) {
        return er_window_cosine(other, one->codes, one->length, dimension);
    }
    return er_dot(one->whole, other->whole, dimension);
}

static bool are_4_of_codes(const er_direction *others, uint32_t count) {
    return count >= 4 && others[0].whole == NULL && others[1].whole == NULL && others[2].whole == NULL &&
           others[3].whole == NULL;
}

void er_cosines(const er_direction *one, const er_direction *others, uint32_t count, uint32_t dimension,
                float *cosines) {
    for (uint32_t at = 0; at < count;) {
        if (one->whole != NULL || !are_4_of_codes(others + at, count - at)) {
            cosines[at] = cosine_of(one, &others[at], dimension);
            at++;
            continue;
        }
        int32_t dots[4];
        dots_of_codes(one->wide, others + at, dimension, dots);
        for (uint32_t other = 0; other < 4; other++, at++) {
            cosines[at] = (float)dots[other] / (one->length * others[at].length);
        }
    }
}
