#include "graph.h"

#include "protobuf.h"

/* Field numbers of onnx.proto. */
enum { MODEL_GRAPH = 7 };
enum { GRAPH_NODE = 1, GRAPH_INITIALIZER = 5 };
enum { NODE_OP_TYPE = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT = 2 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9, TENSOR_LOCATION = 14 };

enum { MOST_TENSORS = 4096, MOST_NODES = 65536 };

static const char BROKEN[] = "onnx/model_int8.onnx is not valid: its bytes are not those of an ONNX graph";

static er_text text_of(er_span bytes) { return (er_text){(const char *)bytes.bytes, bytes.size}; }

/* The size of a number in bytes; 0 of types that hold no weights. */
static uint32_t size_of(er_type type) {
    switch (type) {
    case ER_FLOAT32:
        return 4;
    case ER_FLOAT16:
        return 2;
    case ER_UINT8:
    case ER_INT8:
        return 1;
    }
    return 0;
}

float er_float_at(const er_tensor *tensor, uint32_t place) {
    float value;
    uint32_t bits;
    if (tensor->type == ER_FLOAT32) {
        memcpy(&value, tensor->data + (size_t)4 * place, 4);
        return value;
    }
    uint16_t half;
    memcpy(&half, tensor->data + (size_t)2 * place, 2);
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;
    if (exponent == 0) { /* a multiple of the least float16 */
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | (exponent + 112) << 23 | fraction << 13;
    memcpy(&value, &bits, 4);
    return value;
}

static bool is_finite(const er_tensor *tensor) {
    uint32_t size = size_of(tensor->type);
    if (size == 1) {
        return true;
    }
    uint32_t exponent = size == 2 ? 0x7C00 : 0x7F80;
    for (uint32_t at = 0; at < tensor->count; at++) {
        const uint8_t *high = tensor->data + (size_t)size * (at + 1) - 2; /* the two bytes that hold the exponent */
        if (((uint32_t)(high[0] | high[1] << 8) & exponent) == exponent) {
            return false;
        }
    }
    return true;
}

/* A tensor's shape: false if it is broken, has more than three dimensions or too many numbers. */
static bool read_shape(er_tensor *tensor, const er_wire_field *field) {
    er_span packed = field->bytes;
    uint64_t size = field->value;
    do {
        if (field->wire == ER_BYTES && !er_take_varint(&packed, &size)) {
            return packed.size == 0 && field->bytes.size == 0;
        }
        if (tensor->rank == 3 || size > UINT32_MAX || (uint64_t)tensor->count * size > UINT32_MAX / 4) {
            return false;
        }
        tensor->shape[tensor->rank++] = (uint32_t)size;
        tensor->count *= (uint32_t)size;
    } while (field->wire == ER_BYTES && packed.size > 0);
    return true;
}

/* Read a tensor; one that holds no weights, such as the axes of a reduction, has `data` NULL. */
static bool read_tensor(er_span bytes, er_tensor *tensor, er_error *error) {
    er_message message = er_open_message(bytes);
    er_span raw = {NULL, 0};
    bool shaped = true, elsewhere = false;
    *tensor = (er_tensor){.count = 1};
    for (er_wire_field field; er_next_field(&message, &field);) {
        if (field.number == TENSOR_DIMS) {
            shaped = shaped && read_shape(tensor, &field);
        } else if (field.number == TENSOR_TYPE) {
            tensor->type = (er_type)(field.value & 31);
        } else if (field.number == TENSOR_NAME) {
            tensor->name = text_of(field.bytes);
        } else if (field.number == TENSOR_RAW) {
            raw = field.bytes;
        } else if (field.number == TENSOR_LOCATION) {
            elsewhere = field.value != 0;
        }
    }
    if (message.broken) {
        return er_fail(error, ER_FILE_INVALID, BROKEN);
    }
    if (elsewhere) {
        return er_fail(error, ER_FILE_INVALID,
                       "onnx/model_int8.onnx is not valid: the numbers of '%t' lie in another file", &tensor->name);
    }
    if (shaped && size_of(tensor->type) != 0 && raw.size == (size_t)size_of(tensor->type) * tensor->count) {
        tensor->data = raw.bytes;
    }
    if (tensor->data != NULL && !is_finite(tensor)) {
        return er_fail(error, ER_FILE_INVALID,
                       "onnx/model_int8.onnx is not valid: '%t' has numbers that are not finite", &tensor->name);
    }
    return true;
}

static void read_attribute(er_span bytes, er_graph *graph) {
    er_message message = er_open_message(bytes);
    er_text name = {NULL, 0};
    uint64_t bits = 0;
    for (er_wire_field field; er_next_field(&message, &field);) {
        if (field.number == ATTRIBUTE_NAME) {
            name = text_of(field.bytes);
        } else if (field.number == ATTRIBUTE_FLOAT) {
            bits = field.value;
        }
    }
    if (er_equals(name, "epsilon")) {
        memcpy(&graph->epsilon, &bits, 4);
    }
}

static bool read_node(er_span bytes, er_graph *graph) {
    er_message message = er_open_message(bytes);
    er_text type = {NULL, 0};
    for (er_wire_field field; er_next_field(&message, &field);) {
        if (field.number == NODE_OP_TYPE) {
            type = text_of(field.bytes);
        }
    }
    graph->has_gelu = graph->has_gelu || er_equals(type, "Gelu");
    if (er_equals(type, "LayerNormalization")) {
        message = er_open_message(bytes);
        for (er_wire_field field; er_next_field(&message, &field);) {
            if (field.number == NODE_ATTRIBUTE && field.wire == ER_BYTES) {
                read_attribute(field.bytes, graph);
            }
        }
    }
    return !message.broken;
}

static bool graph_of(er_span bytes, er_span *graph) {
    er_message message = er_open_message(bytes);
    *graph = (er_span){NULL, 0};
    for (er_wire_field field; er_next_field(&message, &field);) {
        if (field.number == MODEL_GRAPH && field.wire == ER_BYTES) {
            *graph = field.bytes;
        }
    }
    return !message.broken && graph->bytes != NULL;
}

static bool count_parts(er_span bytes, uint32_t *tensors, uint32_t *nodes) {
    er_message message = er_open_message(bytes);
    *tensors = *nodes = 0;
    for (er_wire_field field; er_next_field(&message, &field);) {
        *tensors += field.number == GRAPH_INITIALIZER && field.wire == ER_BYTES;
        *nodes += field.number == GRAPH_NODE && field.wire == ER_BYTES;
    }
    return !message.broken;
}

bool er_load_graph(er_arena *arena, er_span bytes, er_graph *graph, er_error *error) {
    er_span parts;
    uint32_t tensors, nodes;
    *graph = (er_graph){.epsilon = 1e-12f};
    if (!graph_of(bytes, &parts) || !count_parts(parts, &tensors, &nodes)) {
        return er_fail(error, ER_FILE_INVALID, BROKEN);
    }
    if (tensors > MOST_TENSORS || nodes > MOST_NODES) {
        return er_fail(error, ER_UNSUPPORTED, "onnx/model_int8.onnx has too many weights or nodes");
    }
    er_tensor *found = er_take(arena, tensors, sizeof *found, error);
    if (found == NULL) {
        return false;
    }
    graph->tensors = found;
    er_message message = er_open_message(parts);
    for (er_wire_field field; er_next_field(&message, &field);) {
        if (field.number == GRAPH_INITIALIZER && field.wire == ER_BYTES) {
            if (!read_tensor(field.bytes, &found[graph->tensor_count], error)) {
                return false;
            }
            graph->tensor_count += found[graph->tensor_count].data != NULL;
        } else if (field.number == GRAPH_NODE && field.wire == ER_BYTES && !read_node(field.bytes, graph)) {
            return er_fail(error, ER_FILE_INVALID, BROKEN);
        }
    }
    return true;
}

const er_tensor *er_find_tensor(const er_graph *graph, const char *name) {
    for (uint32_t at = 0; at < graph->tensor_count; at++) {
        if (er_equals(graph->tensors[at].name, name)) {
            return &graph->tensors[at];
        }
    }
    return NULL;
}
