/**
 * Signals of words: how much of what is asked for, or of what was liked, stands in a candidate's text.
 *
 * Words are compared by hashes of 16 bits; see the service's `ranking/lexical.py`.
 */

import { RARITY_SCALE, type Terms } from "../encoder/terms.ts";
import { type Seen, type Signal, unknown } from "./candidates.ts";

/** So many words of a text are its lead: in a catalogue entry, its title. */
const LEAD_WORDS = 4;
/** A text with more words is a long one. */
const USUAL_WORDS = 12;
/** By so much what a text's words say is divided for each factor of e by which it is longer. */
const LENGTH_WEIGHT = 0.1;
const HASHES = 1 << 16;

/** A word of a query: how it may be spelt, and its rarity. */
interface Asked {
  readonly spellings: ReadonlySet<number>;
  readonly rarity: number;
}

/**
 * The share of the query's words that stand in a candidate's text, and in its lead: 0 to 1. A word weighs by its rarity in
 * the language and by its rarity among the candidates. In a long text words are found sooner, and count a little less.
 */
export function queryOverlaps(seen: readonly Seen[], query: Terms | null): { overlap: Signal; leadOverlap: Signal } {
  const asked = query === null ? [] : askedOf(query);
  if (asked.length === 0) {
    return { overlap: unknown(seen.length), leadOverlap: unknown(seen.length) };
  }
  // Of each word, where it stands first in each text; -1: nowhere.
  const places = asked.map(({ spellings }) =>
    seen.map(({ terms }) => terms.hashes.findIndex((one) => spellings.has(one))),
  );
  const weights = places.map((found, at) => asked[at]!.rarity * rarityAmong(there(found), seen.length));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const covered = (within: number) =>
    Float64Array.from(seen, ({ vector, terms }, at) => {
      const sum = weights.reduce((sum, weight, word) => {
        const place = places[word]![at]!;
        return place >= 0 && place < within ? sum + weight / total : sum;
      }, 0);
      const length = 1 + LENGTH_WEIGHT * Math.log(Math.max(terms.hashes.length, USUAL_WORDS) / USUAL_WORDS);
      return vector === null ? Number.NaN : sum / length;
    });
  return { overlap: covered(Number.POSITIVE_INFINITY), leadOverlap: covered(LEAD_WORDS) };
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

/** A query's words. A part of a compound, `T-shirt`, is there too where the whole is, `tshirt`. */
function askedOf({ hashes, rarities, compounds }: Terms): Asked[] {
  return [...hashes]
    .map((hash, at) => ({
      spellings: new Set([hash, ...compounds.filter(({ parts }) => parts.includes(hash)).map(({ whole }) => whole)]),
      rarity: rarities[at]! / RARITY_SCALE,
    }))
    .filter(({ rarity }) => rarity > 0);
}

/** In how many texts a word stands. */
function there(places: readonly number[]): number {
  return places.filter((place) => place >= 0).length;
}

/** The inverse document frequency of a word that so many of the candidates have. */
function rarityAmong(frequency: number, candidates: number): number {
  return Math.log1p(candidates / Math.max(frequency, 1));
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
  return raritiesOf(terms).map((rarity, at) => rarity * rarityAmong(frequencies[terms.hashes[at]!]!, candidates));
}

/** The length of a vector of words; 1 of a text without words. */
function lengthOf(weighed: readonly number[]): number {
  return Math.sqrt(weighed.reduce((sum, weight) => sum + weight * weight, 0) || 1);
}
