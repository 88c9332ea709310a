/** What is known of a request's candidates and of the user's history. */

import type { Terms } from "../encoder/terms.ts";
import type { Action } from "../request.ts";

/** One number a candidate, `NaN` where it is not known. */
export type Signal = Float64Array;

/** What the signals look at. */
export interface Seen {
  readonly id: string;
  /** Float32, of unit length; null where nobody knows the item, whose windows and words then are none. */
  readonly vector: Float32Array | null;
  /** Of its text, of unit length each. */
  readonly windows: readonly Float32Array[];
  readonly terms: Terms;
  /** Whether there is a text of which the vocabulary knows nothing. */
  readonly unreadable: boolean;
  readonly category: string | null;
  /** The backend's score; `NaN` where it gave none. */
  readonly score: number;
  /** How often it was taken lately; `NaN` where that was not told. */
  readonly popularity: number;
  /** Seconds since it was new, or was last taken; `NaN` where that was not told. */
  readonly ageS: number;
}

/** Something the user did with an item. */
export interface Event {
  /** Null where nobody knows the item. */
  readonly vector: Float32Array | null;
  readonly terms: Terms;
  readonly action: Action;
  readonly ageS: number | null;
  /** How many later events there are; stands in for the age where that is unknown. */
  readonly order: number;
  readonly itemId: string | null;
  readonly category: string | null;
}

/** What the user looks for. */
export interface Query {
  readonly vector: Float32Array;
  readonly terms: Terms;
}

/** A signal of which nothing is known. */
export function unknown(candidates: number): Signal {
  return new Float64Array(candidates).fill(Number.NaN);
}
