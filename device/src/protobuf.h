/* Protocol buffers as they lie in a file, field by field, without a schema. */
#ifndef ER_PROTOBUF_H
#define ER_PROTOBUF_H

#include "base.h"

typedef enum er_wire { ER_VARINT = 0, ER_FIXED64 = 1, ER_BYTES = 2, ER_FIXED32 = 5 } er_wire;

typedef struct er_wire_field {
    uint32_t number;
    er_wire wire;
    uint64_t value; /* of ER_VARINT and the fixed ones */
    er_span bytes;  /* of ER_BYTES, without the length */
} er_wire_field;

/* What is left of a message. */
typedef struct er_message {
    er_span rest;
    bool broken; /* the bytes are no message, or end within a field */
} er_message;

er_message er_open_message(er_span bytes);

/* Read the next field; false at the end, and where the message is broken. */
bool er_next_field(er_message *message, er_wire_field *field);

/* Read a varint at the beginning of a span, and take it off; false if it has no end. */
bool er_take_varint(er_span *from, uint64_t *value);

#endif
