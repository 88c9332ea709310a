#include "windows.h"

enum { TITLE = 8, OVERLAP = 4 };

/* Fewer in small windows, so that most of each is new. */
static uint32_t title_of(uint32_t room) { return er_least(TITLE, room / 4); }
static uint32_t overlap_of(uint32_t room) { return er_least(OVERLAP, room / 4); }
static uint32_t step_of(uint32_t room) { return room - title_of(room) - overlap_of(room); }

uint32_t er_capacity(uint32_t room, uint32_t most) { return room + (most - 1) * step_of(room); }

uint32_t er_count_windows(uint32_t count, uint32_t room) {
    return count <= room ? 1 : 1 + (count - room + step_of(room) - 1) / step_of(room);
}

uint32_t er_fill_window(const uint32_t *words, uint32_t count, uint32_t room, uint32_t number, uint32_t *ids) {
    uint32_t further = er_count_windows(count, room) - 1;
    if (further == 0) {
        memcpy(ids, words, count * sizeof *ids);
        return count;
    }
    uint32_t title = title_of(room), rest = count - title;
    uint32_t size = (rest + further * overlap_of(room) + further) / (further + 1);
    uint32_t start = (2 * number * (rest - size) + further) / (2 * further);
    size = er_least(size, rest - start);
    memcpy(ids, words, title * sizeof *ids);
    memcpy(ids + title, words + title + start, size * sizeof *ids);
    return title + size;
}
