/* Signals from the backend: its order and scores, and the popularity and age of candidates. `[count]` each. */
#ifndef ER_UPSTREAM_H
#define ER_UPSTREAM_H

#include "columns.h"

/* Scores scaled to 0 to 1 within the request; a half each if all are equal. */
void er_upstream_score(const er_columns *columns, double *signal);

/* 1 / log2(2 + place): 1 for the first candidate. */
void er_upstream_position(const er_columns *columns, double *signal);

/* The logarithm of how often a candidate was taken, relative to the greatest: 0 to 1. */
void er_popularity(const er_columns *columns, double *signal);

/* 1 for a new item, halved every 30 days. */
void er_freshness(const er_columns *columns, double *signal);

#endif
