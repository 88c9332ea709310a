/** The signals: each says, of every candidate, one thing that speaks for or against it. See the service's docs. */

import { dot } from "../numbers.ts";
import type { SignalName } from "../response.ts";
import { type Event, type Query, type Seen, type Signal, unknown } from "./candidates.ts";
import { queryOverlaps } from "./lexical.ts";
import { Taste } from "./taste.ts";
import { freshness, popularity, upstreamPosition, upstreamScore } from "./upstream.ts";

export type Signals = Readonly<Record<SignalName, Signal>>;

/**
 * Every signal, `NaN` where it is not known.
 *
 * @param query Null without one.
 * @param history The latest event first.
 */
export function computeSignals(seen: readonly Seen[], query: Query | null, history: readonly Event[]): Signals {
  const liked = new Taste(
    seen,
    history.filter(({ action }) => action !== "skip"),
  );
  const skipped = new Taste(
    seen,
    history.filter(({ action }) => action === "skip"),
  );
  const { overlap, leadOverlap } = queryOverlaps(seen, query === null ? null : query.terms);
  return {
    query_similarity: querySimilarity(seen, query),
    query_overlap: overlap,
    query_lead_overlap: leadOverlap,
    history_similarity: liked.similarity(),
    history_peak: liked.peak(),
    history_overlap: liked.overlap(),
    skip_similarity: skipped.similarity(),
    repeat: liked.repeat(),
    category_affinity: liked.categoryAffinity(),
    upstream_score: upstreamScore(Float64Array.from(seen, ({ score }) => score)),
    upstream_position: upstreamPosition(seen.length),
    popularity: popularity(Float64Array.from(seen, (one) => one.popularity)),
    freshness: freshness(Float64Array.from(seen, ({ ageS }) => ageS)),
  };
}

/** A signal with what is unknown at the mean of what is known; if nothing is known, 0 for all. */
export function neutralized(signal: Signal): Signal {
  const known = signal.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  return signal.map((value) => (Number.isNaN(value) ? mean : value));
}

function querySimilarity(seen: readonly Seen[], query: Query | null): Signal {
  if (query === null) {
    return unknown(seen.length);
  }
  return Float64Array.from(seen, ({ vector }) => (vector === null ? Number.NaN : dot(vector, query.vector)));
}
