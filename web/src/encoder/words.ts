/**
 * Texts in normal form, and their words, exactly as `tokenizers` makes them by the service's `encoder/wordpiece.py`.
 *
 * `@huggingface/tokenizers`, which does the like in JavaScript, differs on marks and punctuation that are newer than
 * Unicode 8, on a Greek word's last sigma, and on ideographs beyond the first plane.
 */

import type { TokenizerRules } from "../artifact/manifest.ts";
import {
  COMPATIBILITY,
  CONTROLS,
  IDEOGRAPHS,
  MARKS,
  NEWER,
  PUNCTUATION,
  REMOVED,
  SUPERSCRIPT_DIGITS,
  SYMBOLS,
} from "./characters.ts";

const OLDER = new RegExp(`${NEWER.source.replace("[", "[^")}+`, "gu");
const POWERS = new RegExp(`(?<=[0-9])${SUPERSCRIPT_DIGITS.source}`, "g");
const SYMBOL = new RegExp(`^${SYMBOLS.source}$`, "u");

/** Splits texts by an artifact's rules. */
export class Splitter {
  readonly #rules: TokenizerRules;
  /** Symbols that are pieces. */
  readonly #known: ReadonlySet<string>;

  /** @param pieces The vocabulary: of symbols, it knows some. */
  constructor(rules: TokenizerRules, pieces: readonly string[]) {
    this.#rules = rules;
    this.#known = new Set(pieces.filter((piece) => SYMBOL.test(piece) && inForm("NFKC", piece) === piece));
  }

  /** The words of a text and the punctuation marks between them. */
  words(text: string): string[] {
    const normal = this.normalized(text);
    const apart =
      this.#rules.version === 1 ? normal : normal.replace(SYMBOLS, (one) => (this.#known.has(one) ? ` ${one} ` : one));
    return apart
      .replace(PUNCTUATION, " $& ")
      .split(" ")
      .filter((word) => word !== "");
  }

  /** A text as its pieces spell it: lower case, without accents, if the rules say so. */
  normalized(text: string): string {
    return normalizedByBert(this.#rules.version === 1 ? text : this.#spelt(text), this.#rules);
  }

  /**
   * What stands for several letters is spelt out, with blanks around it, and other compatibility forms become the
   * letters that they are. A symbol that the vocabulary does not know is blank.
   */
  #spelt(text: string): string {
    const apart = text.replace(CONTROLS, " ").replace(COMPATIBILITY, " $& ").replace(POWERS, " $&");
    return inForm("NFKC", apart).replace(SYMBOLS, (one) => (this.#known.has(one) ? one : " "));
  }
}

function normalizedByBert(text: string, rules: TokenizerRules): string {
  let clean = text.replace(REMOVED, "").replace(/\s/g, " ").replace(IDEOGRAPHS, " $& ");
  if (rules.strip_accents) {
    clean = inForm("NFD", clean).replace(MARKS, "");
  }
  // A capital sigma becomes a final one at a word's end in JavaScript, but not where characters are taken one by one.
  return rules.lowercase ? clean.replaceAll("Σ", "σ").toLowerCase() : clean;
}

/** In a normal form of Unicode 9, whatever the browser knows. */
function inForm(form: "NFD" | "NFKC", text: string): string {
  return text.replace(OLDER, (part) => part.normalize(form));
}
