/* The JSON files of an artifact and of a head, and the checksums of their files. */
#ifndef ER_MANIFEST_H
#define ER_MANIFEST_H

#include "files.h"
#include "ranker.h"
#include "task.h"
#include "tokenizer.h"

typedef struct er_manifest {
    er_text name;
    er_text revision;
    er_text encoder_revision;
    uint32_t layers;
    uint32_t hidden_size;
    uint32_t embedding_size;
    uint32_t intermediate_size;
    uint32_t attention_heads;
    uint32_t vocabulary_size;
    uint32_t dimension;
    uint32_t max_length;
    er_rules rules;
    er_task task;
} er_manifest;

typedef struct er_head_manifest {
    er_text name;
    er_text revision;
    er_text backbone_encoder_revision; /* NULL of heads that were released before they knew it */
    er_text backbone_revision;
    uint32_t dimension; /* of the backbone */
    uint32_t width;     /* of a class's weights: the dimension, of pairs twice as much */
    uint32_t rank;      /* of a pack's adapters; 0: none */
    er_task task;
} er_head_manifest;

/*
 * Read manifest.json, and verify its revision; of each file that it lists and that is given the size and, unless
 * `trusted`, the checksum; that none of the device's is missing; and that its shape can be computed with. It states the
 * checksums that its revision is made of: files that are not the device's may be absent.
 *
 * It refuses what the service refuses, and besides: values of another type that the service converts ("1", 1.0), fields
 * that are there twice, counts of 2 ** 53, numbers of more than 800 characters, device files that are not marked as
 * such, and shapes of 0 or beyond what 32 bits address. It accepts a task model of any name, and characters that
 * Unicode has not assigned yet.
 */
bool er_load_manifest(er_arena *arena, const er_file *files, size_t file_count, bool trusted, er_manifest *manifest,
                      er_error *error);

/* Read ranker.json: schema versions 2 and 3; a signal without a name weighs 0. */
bool er_load_weights(const er_file *file, er_weights *weights, er_error *error);

/*
 * Read head.json, and verify its revision, and size and checksum of weights.bin and, of a pack, adapters.bin.
 *
 * It refuses what the service refuses, and besides what er_load_manifest does, and numbers with more digits than their
 * value needs, which no writer makes: the revision is then not found to match.
 */
bool er_load_head_manifest(er_arena *arena, const er_file *files, size_t file_count, er_head_manifest *manifest,
                           er_error *error);

#endif
