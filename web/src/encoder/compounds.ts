/** Words that are spelt in parts, `T-shirt`, and amounts, `£20`, which are words beside their numbers. */

import { amountsOf } from "./amounts.ts";
import { wordHash } from "./hashes.ts";

/** A word and its parts, by their hashes. */
export interface Compound {
  /** As one word. */
  readonly whole: number;
  /** What is said with it; of an amount nothing, as £20 is not any 20. */
  readonly parts: readonly number[];
}

// A compound is spelt with a hyphen, an apostrophe, a full stop or an ampersand between Latin letters or digits, or is a
// number with its thousands apart. Code points are written out: see `characters.ts`.
const LETTER = "A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f";
const JOINT = `[-\\u2010\\u2011'\\u2019]|(?<=[${LETTER}])[.&](?=[${LETTER}])|(?<=[0-9]),(?=[0-9]{3}(?![0-9]))`;
const WORD = `[${LETTER}0-9]+`;
// Looked for where a word begins alone: of a long one, each letter would be tried in vain.
const COMPOUND = new RegExp(`(?<![${LETTER}0-9])${WORD}(?:(?:${JOINT})${WORD})+`, "g");
const JOINTS = /[-\u2010\u2011'\u2019.&,]/;
const MOST = 8;
const LONGEST = 64;

/**
 * The amounts and compounds of a text, each once, the first ones of many.
 *
 * @param normalized A text as its pieces spell it.
 */
export function compoundsOf(text: string, normalized: (text: string) => string): Compound[] {
  const amounts = amountsOf(text).map((one) => ({ whole: wordHash(one), parts: [] }));
  const spelt = (text.match(COMPOUND) ?? [])
    .slice(0, MOST)
    .filter((one) => one.length <= LONGEST)
    .map((one) => {
      const parts = normalized(one).trim().split(JOINTS);
      return { whole: wordHash(parts.join("")), parts: parts.map(wordHash) };
    });
  const found = new Map([...amounts, ...spelt].map((one) => [JSON.stringify(one), one]));
  return [...found.values()].slice(0, MOST);
}
