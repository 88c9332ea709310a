/** From scores to an order: pins first, then by score, or by score and novelty where diversity is asked for. */

import { dot } from "../numbers.ts";
import type { Seen } from "./candidates.ts";

/** How to arrange. */
export interface Arrangement {
  /** Candidates that come first, in this order. */
  readonly pinned: readonly number[];
  /** How many to return; null: all. */
  readonly topN: number | null;
  /** 0 orders by score alone, 1 by novelty alone. */
  readonly diversity: number;
  /** Most of one category; null: any number. Pins count, and always stay. */
  readonly maxPerCategory: number | null;
}

/**
 * Put candidates in order.
 *
 * @returns Places of candidates. Equals stay in the order in which they came. Those of a category that is full are left
 *   out.
 */
export function arrange(totals: Float64Array, seen: readonly Seen[], arrangement: Arrangement): number[] {
  const wanted = Math.min(arrangement.topN ?? totals.length, totals.length);
  const order = arrangement.pinned.slice(0, wanted);
  const quota = new Quota(seen, arrangement.maxPerCategory);
  for (const pinned of order) {
    quota.take(pinned);
  }
  if (arrangement.diversity > 0) {
    return diversify(totals, seen, quota, order, wanted, arrangement.diversity);
  }
  const taken = new Set(order);
  const byScore = [...totals.keys()].sort((one, other) => totals[other]! - totals[one]!); // sorting is stable
  for (const candidate of byScore) {
    if (order.length >= wanted) {
      break;
    }
    if (!taken.has(candidate) && quota.admits(candidate)) {
      quota.take(candidate);
      order.push(candidate);
    }
  }
  return order;
}

/** Counts what is taken of each category; what has no category is not limited. */
class Quota {
  readonly #seen: readonly Seen[];
  readonly #most: number | null;
  readonly #taken = new Map<string, number>();

  constructor(seen: readonly Seen[], most: number | null) {
    this.#seen = seen;
    this.#most = most;
  }

  take(candidate: number): void {
    const { category } = this.#seen[candidate]!;
    if (category !== null) {
      this.#taken.set(category, (this.#taken.get(category) ?? 0) + 1);
    }
  }

  admits(candidate: number): boolean {
    const { category } = this.#seen[candidate]!;
    return this.#most === null || category === null || (this.#taken.get(category) ?? 0) < this.#most;
  }
}

/**
 * Maximal marginal relevance: next comes what scores well and resembles least anything before it.
 *
 * Carbonell and Goldstein, "The Use of MMR", SIGIR 1998.
 */
function diversify(
  totals: Float64Array,
  seen: readonly Seen[],
  quota: Quota,
  order: number[],
  wanted: number,
  diversity: number,
): number[] {
  const relevance = relevances(totals, diversity);
  const closest = new Float32Array(totals.length);
  const place = (chosen: number) => {
    relevance[chosen] = Number.NEGATIVE_INFINITY; // what is placed is never chosen again
    for (const [at, one] of seen.entries()) {
      closest[at] = Math.max(closest[at]!, similarity(one, seen[chosen]!));
    }
  };
  order.forEach(place);
  while (order.length < wanted) {
    const chosen = best(relevance, closest, diversity, quota);
    if (chosen === null) {
      break; // every category is full
    }
    order.push(chosen);
    quota.take(chosen);
    place(chosen);
  }
  return order;
}

/** Scores between 0 and 1 - diversity. */
function relevances(totals: Float64Array, diversity: number): Float64Array {
  const least = totals.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const span = totals.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY) - least;
  return totals.map((total) => (span > 0 ? ((1 - diversity) * (total - least)) / span : 0));
}

function best(relevance: Float64Array, closest: Float32Array, diversity: number, quota: Quota): number | null {
  const penalty = Math.fround(diversity);
  let chosen: number | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (const [candidate, value] of relevance.entries()) {
    const gain = value - Math.fround(penalty * closest[candidate]!);
    if (gain > most && quota.admits(candidate)) {
      chosen = candidate;
      most = gain;
    }
  }
  return chosen;
}

/** The cosine of the vectors; where one has none, their categories speak: 1 if both have the same one, else 0. */
function similarity(one: Seen, other: Seen): number {
  if (one.vector !== null && other.vector !== null) {
    return dot(one.vector, other.vector);
  }
  return one.category !== null && one.category === other.category ? 1 : 0;
}
