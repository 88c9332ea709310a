/**
 * The words of a text, as a hash and a rarity each: what lexical signals compare (the service's `encoder/terms.py`).
 *
 * A word is a piece and the `##` pieces that follow. Its rarity is read off the vocabulary, whose pieces stand in the
 * order of their importance.
 */

import { rint } from "../numbers.ts";
import { MARKS_OF_MODEL } from "./wordpiece.ts";

export const MAX_TERMS = 64;
export const RARITY_SCALE = 170;

const MOST_RARE = 1.5;
const CONTINUES = "##";
const FACTOR = 0x9e3779b97f4a7c15n; // 2^64 / golden ratio: Knuth's multiplicative hashing
const HASH_SHIFT = 48n;
const LONGEST_WORD = 64;
const LETTERS = /[\p{L}\p{N}]/u;

/** The distinct words of a text, in the order in which they first come; punctuation is none. */
export interface Terms {
  readonly hashes: Uint16Array;
  /** In units of 1 / `RARITY_SCALE`. */
  readonly rarities: Uint8Array;
}

export const NO_TERMS: Terms = { hashes: new Uint16Array(), rarities: new Uint8Array() };

/** Turns the pieces of texts into terms. */
export class Lexicon {
  readonly #continues: readonly boolean[];
  readonly #speaks: readonly boolean[];
  readonly #rarities: Float64Array;
  readonly #powers: BigUint64Array;

  /** @param pieces In the order of their importance; a piece's place is its id. */
  constructor(pieces: readonly string[]) {
    const marks = new Set<string>(MARKS_OF_MODEL);
    this.#continues = pieces.map((piece) => piece.startsWith(CONTINUES) && piece !== CONTINUES);
    this.#speaks = pieces.map((piece) => !marks.has(piece) && LETTERS.test(piece));
    const last = Math.log(Math.max(2, pieces.length));
    this.#rarities = Float64Array.from(pieces, (_, rank) => Math.log1p(rank) / last);
    this.#powers = new BigUint64Array(LONGEST_WORD);
    let power = 1n;
    for (let place = 0; place < LONGEST_WORD; place++) {
      power = BigInt.asUintN(64, power * FACTOR);
      this.#powers[place] = power;
    }
  }

  /** The terms of a text, given by its piece ids without marks. */
  terms(ids: readonly number[]): Terms {
    const found = new Map<number, number>();
    for (let start = 0, end = 0; start < ids.length && found.size < MAX_TERMS; start = end) {
      end = this.#endOf(ids, start);
      if (this.#speaks[ids[start]!]) {
        const hash = this.#hash(ids, start, end);
        if (!found.has(hash)) {
          found.set(hash, this.#rarity(ids, start, end));
        }
      }
    }
    return { hashes: Uint16Array.from(found.keys()), rarities: Uint8Array.from(found.values()) };
  }

  #endOf(ids: readonly number[], start: number): number {
    let end = start + 1;
    while (end < ids.length && this.#continues[ids[end]!]) {
      end++;
    }
    return end;
  }

  /** The upper 16 bits of a sum modulo 2^64. */
  #hash(ids: readonly number[], start: number, end: number): number {
    let mixed = 0n;
    for (let at = start; at < end; at++) {
      mixed += BigInt(ids[at]! + 1) * this.#powers[Math.min(at - start, LONGEST_WORD - 1)]!;
    }
    return Number(BigInt.asUintN(64, mixed * FACTOR) >> HASH_SHIFT);
  }

  #rarity(ids: readonly number[], start: number, end: number): number {
    let sum = 0;
    for (let at = start; at < end; at++) {
      sum += this.#rarities[ids[at]!]!;
    }
    return rint(Math.min(sum, MOST_RARE) * RARITY_SCALE);
  }
}
