/** Signals of what the backend knows: its own order, and how popular and how fresh its candidates are. */

import type { Signal } from "./candidates.ts";

const FRESHNESS_HALF_LIFE_S = 30 * 86_400;
const NEUTRAL_SCORE = 0.5;

/** Scores between the least (0) and the greatest (1) of the request; all alike: a half each. */
export function upstreamScore(scores: Signal): Signal {
  const least = known(scores).reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const greatest = known(scores).reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  // Halves are subtracted: the distance of two finite scores may itself not be finite.
  const span = greatest / 2 - least / 2;
  if (span === 0) {
    return scores.map((score) => (Number.isNaN(score) ? score : NEUTRAL_SCORE));
  }
  return scores.map((score) => (score / 2 - least / 2) / span);
}

/** 1 for the first candidate, falling ever more slowly. */
export function upstreamPosition(candidates: number): Signal {
  return Float64Array.from({ length: candidates }, (_, place) => 1 / Math.log2(2 + place));
}

/** The logarithm of how often each was taken, as a share of the most popular one's: 0 to 1. */
export function popularity(counts: Signal): Signal {
  const logarithms = counts.map(Math.log1p);
  const greatest = known(logarithms).reduce((one, other) => Math.max(one, other), 0);
  return logarithms.map((one) => (Number.isNaN(one) ? one : greatest > 0 ? one / greatest : 0));
}

/** 1 for what is new, a half after `FRESHNESS_HALF_LIFE_S`. */
export function freshness(ageS: Signal): Signal {
  return ageS.map((age) => 0.5 ** (age / FRESHNESS_HALF_LIFE_S));
}

function known(signal: Signal): Signal {
  return signal.filter((value) => !Number.isNaN(value));
}
