#include "protobuf.h"

er_message er_open_message(er_span bytes) { return (er_message){bytes, false}; }

bool er_take_varint(er_span *from, uint64_t *value) {
    uint64_t read = 0;
    for (uint32_t at = 0; at < 10 && at < from->size; at++) {
        uint8_t byte = from->bytes[at];
        read |= (uint64_t)(byte & 0x7F) << (7 * at);
        if (byte < 0x80) {
            *from = (er_span){from->bytes + at + 1, from->size - at - 1};
            *value = read;
            return true;
        }
    }
    return false;
}

static bool take_bytes(er_span *from, uint64_t size, er_span *taken) {
    if (size > from->size) {
        return false;
    }
    *taken = (er_span){from->bytes, (size_t)size};
    *from = (er_span){from->bytes + size, from->size - (size_t)size};
    return true;
}

static bool take_fixed(er_span *from, uint32_t size, uint64_t *value) {
    er_span taken;
    if (!take_bytes(from, size, &taken)) {
        return false;
    }
    *value = 0;
    memcpy(value, taken.bytes, size);
    return true;
}

static bool take_value(er_span *from, er_wire_field *field) {
    uint64_t size;
    switch (field->wire) {
    case ER_VARINT:
        return er_take_varint(from, &field->value);
    case ER_FIXED64:
        return take_fixed(from, 8, &field->value);
    case ER_FIXED32:
        return take_fixed(from, 4, &field->value);
    case ER_BYTES:
        return er_take_varint(from, &size) && take_bytes(from, size, &field->bytes);
    }
    return false;
}

bool er_next_field(er_message *message, er_wire_field *field) {
    uint64_t tag;
    if (message->broken || message->rest.size == 0) {
        return false;
    }
    if (!er_take_varint(&message->rest, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX) {
        message->broken = true;
        return false;
    }
    *field = (er_wire_field){.number = (uint32_t)(tag >> 3), .wire = (er_wire)(tag & 7)};
    message->broken = !take_value(&message->rest, field);
    return !message->broken;
}
