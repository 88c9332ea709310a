/** The signals: each says, of every candidate, one thing that speaks for or against it. See the service's docs. */

import type { SignalName } from "../response.ts";
import { type Event, type Query, type Seen, type Signal, unknown } from "./candidates.ts";
import { queryOverlaps } from "./lexical.ts";
import { similarities } from "./similarity.ts";
import { Taste } from "./taste.ts";
import { freshness, popularity, upstreamPosition, upstreamScore } from "./upstream.ts";

export type Signals = Readonly<Record<SignalName, Signal>>;

const REPETITIONS = 255;
const OF_TEXTS = [
  "query_similarity",
  "query_overlap",
  "query_lead_overlap",
  "history_similarity",
  "history_peak",
  "history_overlap",
] as const;

/**
 * Every signal, `NaN` where it is not known. A text of which the vocabulary knows nothing is not unknown: it is as far
 * from the query and from what the user liked as the farthest of the request.
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
  const signals = {
    query_similarity: query === null ? unknown(seen.length) : similarities(seen, query),
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
    repetition: Float64Array.from(seen, ({ vector, terms }) =>
      vector === null ? Number.NaN : terms.repetition / REPETITIONS,
    ),
    just_bought: liked.bought(),
  };
  for (const name of OF_TEXTS) {
    signals[name] = withLeast(signals[name], seen);
  }
  return signals;
}

/** A signal with what is unknown at the mean of what is known; if nothing is known, 0 for all. */
export function neutralized(signal: Signal): Signal {
  const known = signal.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  return signal.map((value) => (Number.isNaN(value) ? mean : value));
}

/** A signal with its least value, 0 at most, for what can't be read; none where it is known of no candidate. */
function withLeast(signal: Signal, seen: readonly Seen[]): Signal {
  const known = signal.filter((value) => !Number.isNaN(value));
  const least = known.reduce((one, other) => Math.min(one, other), 0);
  return known.length === 0 ? signal : signal.map((value, at) => (seen[at]!.unreadable ? least : value));
}
