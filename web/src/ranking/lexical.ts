/**
 * Signals of words: how much of what is asked for, or of what was liked, stands in a candidate's text.
 *
 * Words are compared by hashes of 16 bits; see the service's `ranking/lexical.py`.
 */

import { RARITY_SCALE, type Terms } from "../encoder/terms.ts";
import { type Seen, type Signal, unknown } from "./candidates.ts";

/** So many words of a text are its lead: in a catalogue entry, its title. */
const LEAD_WORDS = 4;
const HASHES = 1 << 16;

/** Shares of the query's words, weighed by rarity, that stand in a candidate's text and in its lead: 0 to 1. */
export function queryOverlaps(seen: readonly Seen[], query: Terms | null): { overlap: Signal; leadOverlap: Signal } {
  const total = query === null ? 0 : raritiesOf(query).reduce((sum, rarity) => sum + rarity, 0);
  if (query === null || total === 0) {
    return { overlap: unknown(seen.length), leadOverlap: unknown(seen.length) };
  }
  const asked = new Map(raritiesOf(query).map((rarity, at) => [query.hashes[at]!, rarity / total]));
  return {
    overlap: Float64Array.from(seen, (one) => covered(one, asked, Number.POSITIVE_INFINITY)),
    leadOverlap: Float64Array.from(seen, (one) => covered(one, asked, LEAD_WORDS)),
  };
}

/**
 * The cosine of a candidate's words with those of liked items (TF-IDF): 0 to 1. A word weighs by its rarity in the
 * language and by its rarity among the candidates.
 *
 * @param weights How much each liked item counts; their sum is 1.
 */
export function historyOverlap(seen: readonly Seen[], liked: readonly Terms[], weights: readonly number[]): Signal {
  if (liked.every(({ hashes }) => hashes.length === 0)) {
    return unknown(seen.length);
  }
  const frequencies = frequenciesOf(seen);
  const profile = new Float32Array(HASHES);
  for (const [at, terms] of liked.entries()) {
    const weighed = weigh(terms, frequencies, seen.length);
    const share = weights[at]! / lengthOf(weighed);
    for (const [place, hash] of terms.hashes.entries()) {
      profile[hash]! += Math.fround(weighed[place]! * share);
    }
  }
  return Float64Array.from(seen, ({ vector, terms }) => {
    const weighed = weigh(terms, frequencies, seen.length);
    const product = weighed.reduce((sum, weight, at) => sum + weight * profile[terms.hashes[at]!]!, 0);
    return vector === null ? Number.NaN : product / lengthOf(weighed);
  });
}

function covered({ vector, terms }: Seen, asked: ReadonlyMap<number, number>, places: number): number {
  if (vector === null) {
    return Number.NaN;
  }
  let sum = 0;
  for (const hash of terms.hashes.subarray(0, places)) {
    sum += asked.get(hash) ?? 0;
  }
  return Math.min(1, sum);
}

function raritiesOf(terms: Terms): number[] {
  return Array.from(terms.rarities, (rarity) => rarity / RARITY_SCALE);
}

function frequenciesOf(seen: readonly Seen[]): Uint16Array {
  const frequencies = new Uint16Array(HASHES);
  for (const { terms } of seen) {
    for (const hash of terms.hashes) {
      frequencies[hash]!++;
    }
  }
  return frequencies;
}

/** Rarity in the language times rarity among the candidates, word by word. */
function weigh(terms: Terms, frequencies: Uint16Array, candidates: number): number[] {
  return raritiesOf(terms).map(
    (rarity, at) => rarity * Math.log1p(candidates / Math.max(frequencies[terms.hashes[at]!]!, 1)),
  );
}

/** The length of a vector of words; 1 of a text without words. */
function lengthOf(weighed: readonly number[]): number {
  return Math.sqrt(weighed.reduce((sum, weight) => sum + weight * weight, 0) || 1);
}
