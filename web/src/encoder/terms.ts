/**
 * The words of a text, as a hash and a rarity each: what lexical signals compare (the service's `encoder/terms.py`).
 *
 * A word is a piece and the `##` pieces that follow. Its hash is that of its letters, however it was cut. Its rarity is
 * read off the vocabulary, whose pieces stand in the order of their importance.
 */

import { rint } from "../numbers.ts";
import { type Compound, compoundsOf } from "./compounds.ts";
import { mixed, powersOf, spelt } from "./hashes.ts";
import { MARKS_OF_MODEL } from "./wordpiece.ts";

export const MAX_TERMS = 255;
export const RARITY_SCALE = 170;

const MOST_RARE = 1.5;
const CONTINUES = "##";
const LONGEST_WORD = 512;
/** Letters, digits, and symbols that tell things apart: C++, C#, £20, 5 %. */
const SPEAKING = /[\p{L}\p{N}\p{Sc}+#%°]/u;
const TWICE = 2;
const AMOUNT_RARITY = 170;
// What is usual of short texts, and of those of a hundred words and more.
const USUAL_OF_SHORT = 0.15;
const USUAL_OF_LONG = 0.4;
const LONG = 100;
/** So much beyond what is usual counts as much as a text can. */
const ALL_OVER = 0.3;
const MOST_REPETITION = 255;

/** The distinct words of a text, in the order in which they first come, then its compounds; punctuation is none. */
export interface Terms {
  readonly hashes: Uint16Array;
  /** In units of 1 / `RARITY_SCALE`; 0 of a compound whose parts have theirs. */
  readonly rarities: Uint8Array;
  /** How far the text says the same words over and over, in 255ths; 0 of nearly all that people write. */
  readonly repetition: number;
  /** What a query needs to know of its own; not kept of items. */
  readonly compounds: readonly Compound[];
}

export const NO_TERMS: Terms = {
  hashes: new Uint16Array(),
  rarities: new Uint8Array(),
  repetition: 0,
  compounds: [],
};

interface Said {
  readonly rarity: number;
  times: number;
}

/** Turns the pieces of texts into terms. */
export class Lexicon {
  readonly #continues: readonly boolean[];
  readonly #speaks: readonly boolean[];
  readonly #rarities: Float64Array;
  readonly #letters: Uint16Array;
  /** Of a piece that a word begins with. A text that begins with `##`, spelt so by its author, is another word. */
  readonly #beginnings: Uint32Array;
  readonly #spellings: Uint32Array;
  readonly #powers = powersOf(LONGEST_WORD);
  readonly #normalized: (text: string) => string;

  /**
   * @param pieces In the order of their importance; a piece's place is its id.
   * @param normalized A text as its pieces spell it: lower case, without accents.
   */
  constructor(pieces: readonly string[], normalized: (text: string) => string) {
    const marks = new Set<string>(MARKS_OF_MODEL);
    const bare = pieces.map((piece) => (isFurther(piece) ? piece.slice(CONTINUES.length) : piece));
    this.#normalized = normalized;
    this.#continues = pieces.map(isFurther);
    this.#speaks = pieces.map((piece, id) => !marks.has(piece) && SPEAKING.test(bare[id]!));
    const last = Math.log(Math.max(2, pieces.length));
    this.#rarities = Float64Array.from(pieces, (_, rank) => Math.log1p(rank) / last);
    this.#letters = Uint16Array.from(bare, (one) => [...one].length);
    this.#beginnings = Uint32Array.from(pieces, spelt);
    this.#spellings = Uint32Array.from(bare, spelt);
  }

  /** The terms of a text, given by its piece ids without marks, and by its letters, where its compounds are wanted. */
  terms(ids: readonly number[], text = ""): Terms {
    if (ids.length === 0) {
      return NO_TERMS;
    }
    const said = this.#said(ids);
    const compounds = compoundsOf(text, this.#normalized);
    const kept = [...said].slice(0, MAX_TERMS - compounds.length);
    return {
      hashes: Uint16Array.from([...kept.map(([hash]) => hash), ...compounds.map(({ whole }) => whole)]),
      rarities: Uint8Array.from([
        ...kept.map(([, { rarity }]) => rarity),
        ...compounds.map(({ parts }) => (parts.length > 0 ? 0 : AMOUNT_RARITY)),
      ]),
      repetition: repetitionOf([...said.values()]),
      compounds,
    };
  }

  /** Rarities and numbers of words, by their hashes. */
  #said(ids: readonly number[]): Map<number, Said> {
    const said = new Map<number, Said>();
    for (let start = 0, end = 0; start < ids.length; start = end) {
      end = this.#endOf(ids, start);
      if (this.#speaks[ids[start]!]) {
        const hash = this.#hash(ids, start, end);
        const known = said.get(hash);
        if (known) {
          known.times++;
        } else {
          said.set(hash, { rarity: this.#rarity(ids, start, end), times: 1 });
        }
      }
    }
    return said;
  }

  #endOf(ids: readonly number[], start: number): number {
    let end = start + 1;
    while (end < ids.length && this.#continues[ids[end]!]) {
      end++;
    }
    return end;
  }

  /** That of the letters of all its pieces, put together from theirs. */
  #hash(ids: readonly number[], start: number, end: number): number {
    let value = 0;
    let left = 0;
    for (let at = end - 1; at >= start; at--) {
      const id = ids[at]!;
      const spelling = (at === start ? this.#beginnings : this.#spellings)[id]!;
      value = (value + Math.imul(spelling, this.#powers[Math.min(left, LONGEST_WORD - 1)]!)) | 0;
      left += this.#letters[id]!;
    }
    return mixed(value) >>> 16;
  }

  #rarity(ids: readonly number[], start: number, end: number): number {
    let sum = 0;
    for (let at = start; at < end; at++) {
      sum += this.#rarities[ids[at]!]!;
    }
    return rint(Math.min(sum, MOST_RARE) * RARITY_SCALE);
  }
}

/** The share of what is said for the third time or later, beyond what is usual of texts of the length. */
function repetitionOf(words: readonly Said[]): number {
  let count = 0;
  let all = 0;
  let again = 0;
  for (const { rarity, times } of words) {
    count += times;
    all += rarity * times;
    again += rarity * Math.max(times - TWICE, 0);
  }
  const usual = USUAL_OF_SHORT + (USUAL_OF_LONG - USUAL_OF_SHORT) * Math.min(1, count / LONG);
  const beyond = Math.max(0, again / Math.max(all, 1) - usual) / ALL_OVER;
  return rint(MOST_REPETITION * Math.min(1, beyond));
}

function isFurther(piece: string): boolean {
  return piece.startsWith(CONTINUES) && piece !== CONTINUES;
}
