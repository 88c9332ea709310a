#include "pair_row.h"

void er_share_room(uint32_t room, uint32_t counts[2]) {
    if ((uint64_t)counts[0] + counts[1] <= room) {
        return;
    }
    if (counts[0] <= room / 2) {
        counts[1] = room - counts[0];
    } else if (counts[1] <= room / 2) {
        counts[0] = room - counts[1];
    } else {
        counts[0] = room - room / 2;
        counts[1] = room / 2;
    }
}
