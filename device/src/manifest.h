/* The JSON files of an artifact and of a head, and the checksums of their files. */
#ifndef ER_MANIFEST_H
#define ER_MANIFEST_H

#include "ranker.h"
#include "tokenizer.h"

/* Classes of a task model or of a head. Texts live in the arena that it was loaded into. */
typedef struct er_task {
    const er_text *labels; /* [outputs]; NULL of grades */
    uint32_t outputs;      /* 0: no task model */
    bool is_pair;
    bool is_grade;
} er_task;

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
    uint32_t rank;      /* of a pack's adapters; 0: none */
    er_task task;
} er_head_manifest;

/* The file of a path; NULL if there is none. */
const er_file *er_find_file(const er_file *files, size_t file_count, const char *path);

/*
 * Read manifest.json and verify that the device files are there, of their size and, unless `trusted`, of their checksum;
 * that the shape is within what can be computed with; and the revision, as far as it can be without the other files.
 */
bool er_load_manifest(er_arena *arena, const er_file *files, size_t file_count, bool trusted, er_manifest *manifest,
                      er_error *error);

/* Read ranker.json. */
bool er_load_weights(const er_file *file, er_weights *weights, er_error *error);

/* Read head.json and verify size and checksum of weights.bin and, of a pack, adapters.bin. */
bool er_load_head_manifest(er_arena *arena, const er_file *files, size_t file_count, er_head_manifest *manifest,
                           er_error *error);

#endif
