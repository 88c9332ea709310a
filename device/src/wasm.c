/*
 * What a WebAssembly module exports beside edge_rank.h: memory, and loading with it. The host writes structures where these
 * assertions say that their members lie (web/src/core/layout.ts has the same numbers).
 */
#include "edge_rank.h"
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

/* `er_load` with the instance's own memory. */
ER_API er_model *er_load_here(const er_file *files, size_t file_count, const er_options *options, er_error *error) {
    const er_allocator allocator = {allocate, release, NULL};
    return er_load(files, file_count, options, &allocator, error);
}
