/* All signals of a request's candidates; er_signal of edge_rank.h names them, the service's documentation explains them. */
#ifndef ER_SIGNALS_H
#define ER_SIGNALS_H

#include "history.h"

/*
 * Compute them: `signals` `[ER_SIGNALS][count]`, NaN where not known. Of an unreadable text, of which the vocabulary knows
 * nothing, the signals of texts are the least of the request.
 */
void er_compute_signals(er_history *history, er_overlap *lexicon, const er_columns *columns, const er_request *request,
                        double *signals);

/* The mean of the known values of a signal `[count]`, which stands for those that are not known; 0 if none is. */
double er_neutral_value(const double *signal, uint32_t count);

#endif
