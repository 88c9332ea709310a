/** What is remembered of a text: vectors in eight bits, and words. */

import type { Encoded } from "../encoder/encoder.ts";
import type { Terms } from "../encoder/terms.ts";
import { rint } from "../numbers.ts";

const LARGEST_CODE = 127;

/** Vectors are kept in eight bits, as the service keeps them: so an item has the same score in both. */
export interface Features {
  /** Tells whether a text is the one that was embedded. */
  readonly text: string;
  /** Int8, `[dimension]`, of each window: the direction of its vector. */
  readonly codes: readonly Int8Array[];
  readonly terms: Terms;
  /** The item's; a text has none. */
  readonly category: string | null;
}

/** What to remember of a text, or of an item with that text and category. */
export function featuresOf(encoded: Encoded, text: string, category: string | null = null): Features {
  return { text, codes: encoded.windows.map(quantized), terms: { ...encoded.terms, compounds: [] }, category };
}

/** A unit vector's codes, its greatest number at 127 or -127. */
export function quantized(vector: Float32Array): Int8Array {
  const largest = vector.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  const scale = Math.fround(LARGEST_CODE / largest);
  return Int8Array.from(vector, (number) => rint(Math.fround(number * scale)));
}

/** The unit vector that codes stand for. */
export function unitVector(codes: Int8Array): Float32Array {
  const length = Math.fround(Math.sqrt(codes.reduce((sum, code) => sum + code * code, 0)));
  return Float32Array.from(codes, (code) => code / length);
}
