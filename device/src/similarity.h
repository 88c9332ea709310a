/* Similarity of a query and texts of any length. */
#ifndef ER_SIMILARITY_H
#define ER_SIMILARITY_H

#include "columns.h"

/*
 * Three cosines with the query, of a text's first window, its best window and the whole: their mean, which of a short text
 * is each of them. `[count]`, -1 to 1, NaN where nothing is known of a text.
 */
void er_query_similarity(const er_columns *columns, const er_query *query, double *signal);

#endif
