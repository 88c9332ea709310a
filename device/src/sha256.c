#include "sha256.h"

static const uint32_t CONSTANTS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline uint32_t turned(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static inline uint32_t word_at(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A round; the eight names turn by one from round to round, so that nothing is moved. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                              \
    do {                                                                                                              \
        uint32_t sum = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + (g ^ (e & (f ^ g))) + schedule[i] +        \
                       constants[i];                                                                                  \
        d += sum;                                                                                                     \
        h = sum + (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) | (c & (a | b)));                         \
    } while (0)

static void expand(uint32_t schedule[64], const uint8_t *bytes) {
    for (int i = 0; i < 16; i++) {
        schedule[i] = word_at(bytes + 4 * i);
    }
    for (int i = 16; i < 64; i++) {
        uint32_t near = schedule[i - 2], far = schedule[i - 15];
        schedule[i] = schedule[i - 16] + schedule[i - 7] + (turned(near, 17) ^ turned(near, 19) ^ near >> 10) +
                      (turned(far, 7) ^ turned(far, 18) ^ far >> 3);
    }
}

static void add_block(uint32_t state[8], const uint8_t *bytes) {
    uint32_t words[64];
    expand(words, bytes);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i += 8) {
        const uint32_t *schedule = words + i, *constants = CONSTANTS + i;
        ROUND(a, b, c, d, e, f, g, h, 0);
        ROUND(h, a, b, c, d, e, f, g, 1);
        ROUND(g, h, a, b, c, d, e, f, 2);
        ROUND(f, g, h, a, b, c, d, e, 3);
        ROUND(e, f, g, h, a, b, c, d, 4);
        ROUND(d, e, f, g, h, a, b, c, 5);
        ROUND(c, d, e, f, g, h, a, b, 6);
        ROUND(b, c, d, e, f, g, h, a, 7);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void er_sha256_begin(er_sha256 *sha) {
    sha->size = 0;
    memcpy(sha->state, START, sizeof START);
}

void er_sha256_add(er_sha256 *sha, const void *bytes, size_t size) {
    const uint8_t *from = bytes;
    size_t held = sha->size % sizeof sha->block;
    sha->size += size;
    if (held != 0) {
        size_t missing = sizeof sha->block - held;
        size_t taken = size < missing ? size : missing;
        memcpy(sha->block + held, from, taken);
        if (taken < missing) {
            return;
        }
        add_block(sha->state, sha->block);
        from += taken;
        size -= taken;
    }
    for (; size >= sizeof sha->block; size -= sizeof sha->block, from += sizeof sha->block) {
        add_block(sha->state, from);
    }
    if (size != 0) {
        memcpy(sha->block, from, size);
    }
}

void er_sha256_end(er_sha256 *sha, char hexadecimal[ER_HEXADECIMAL]) {
    static const uint8_t END[64] = {0x80};
    uint64_t bits = sha->size * 8;
    uint8_t size[8];
    for (int i = 0; i < 8; i++) {
        size[i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    er_sha256_add(sha, END, 1 + (119 - sha->size % 64) % 64);
    er_sha256_add(sha, size, sizeof size);
    for (int i = 0; i < ER_HEXADECIMAL; i++) {
        uint32_t digit = sha->state[i / 8] >> (28 - 4 * (i % 8)) & 15;
        hexadecimal[i] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
}
