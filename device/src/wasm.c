/*
 * What a WebAssembly module exports in the place of `er_load` and `er_load_head`: the host, which has JSON and SHA-256 of its
 * own, reads and verifies the files, and says what they hold. It writes structures where these assertions say that their
 * members lie (web/src/core/layout.ts has the same numbers).
 */
#include "head.h"
#include "heap.h"

#define AT(type, member, place) typedef char type##_##member##_at[offsetof(type, member) == (place) ? 1 : -1]
#define SIZE(type, bytes) typedef char type##_size[sizeof(type) == (bytes) ? 1 : -1]

SIZE(er_text, 8);
SIZE(er_file, 12);
SIZE(er_error, 248);
SIZE(er_options, 16);
AT(er_model_info, dimension, 24);
AT(er_model_info, max_length, 28);
AT(er_model_info, most_windows, 32);
AT(er_model_info, features_size, 36);
AT(er_model_info, query_size, 40);
AT(er_model_info, memory, 44);
SIZE(er_model_info, 48);
AT(er_reading, features_size, 12);
AT(er_reading, tokens, 16);
AT(er_reading, truncated, 20);
AT(er_reading, readable, 21);
SIZE(er_reading, 24);
AT(er_candidate, features, 16);
AT(er_candidate, score, 24);
AT(er_candidate, popularity, 32);
AT(er_candidate, age_s, 40);
AT(er_candidate, unreadable, 48);
SIZE(er_candidate, 56);
AT(er_event, features, 16);
AT(er_event, age_s, 24);
AT(er_event, action, 32);
SIZE(er_event, 40);
AT(er_request, diversity, 16);
AT(er_request, candidate_count, 24);
AT(er_request, top_n, 36);
AT(er_request, ranker, 44);
AT(er_request, is_search, 48);
SIZE(er_request, 56);
AT(er_ranking, weights, 16);
AT(er_ranking, count, 20);
AT(er_ranking, known_events, 24);
SIZE(er_ranking, 28);
AT(er_head_info, outputs, 16);
AT(er_head_info, is_pair, 20);
AT(er_head_info, is_grade, 24);
SIZE(er_head_info, 28);
AT(er_classified, tokens, 4);
AT(er_classified, truncated, 8);
AT(er_classified, readable, 9);
SIZE(er_classified, 12);
SIZE(er_rules, 8);
SIZE(er_task, 12);
AT(er_manifest, layers, 24);
AT(er_manifest, max_length, 52);
AT(er_manifest, rules, 56);
AT(er_manifest, task, 64);
SIZE(er_manifest, 76);
AT(er_head_manifest, dimension, 32);
AT(er_head_manifest, rank, 40);
AT(er_head_manifest, task, 44);
SIZE(er_head_manifest, 56);
SIZE(er_weights, 360);

/* Memory for what the host hands over; NULL if there is none. */
ER_API void *er_allocate(size_t bytes) { return er_heap_allocate(bytes); }

ER_API void er_release(void *memory) { er_heap_release(memory); }

static void *allocate(void *context, size_t bytes) {
    (void)context;
    return er_heap_allocate(bytes);
}

static void release(void *context, void *memory) {
    (void)context;
    er_heap_release(memory);
}

static er_arena own_arena(void) { return (er_arena){.allocator = {allocate, release, NULL}}; }

/* Load a model of verified files. All texts and bytes stay in place until it is freed; `weights` are NULL of task models. */
ER_API er_model *er_open(const er_manifest *manifest, const er_weights *weights, const er_span *graph,
                         const er_span *vocabulary, const er_options *options, er_error *error) {
    return er_open_model(own_arena(), manifest, weights, *graph, *vocabulary, options, error);
}

/* Load a head of verified files. The manifest's texts stay in place until it is freed; `adapters` are those of a pack. */
ER_API er_head *er_attach(er_model *model, const er_head_manifest *manifest, const er_span *weights,
                          const er_span *adapters, er_error *error) {
    return er_open_head(model, own_arena(), manifest, *weights, *adapters, error);
}
