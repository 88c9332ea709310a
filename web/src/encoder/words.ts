/**
 * BERT's normalisation and splitting, exactly as `tokenizers` does them (its `BertNormalizer` and `BertPreTokenizer`).
 *
 * `@huggingface/tokenizers`, which does the like in JavaScript, differs on marks and punctuation that are newer than
 * Unicode 8, on a Greek word's last sigma, and on ideographs beyond the first plane.
 */

import type { TokenizerRules } from "../artifact/manifest.ts";
import { IDEOGRAPHS, MARKS, PUNCTUATION, REMOVED } from "./characters.ts";

/** The words of a text and the punctuation marks between them. */
export function split(text: string, rules: TokenizerRules): string[] {
  return normalized(text, rules)
    .replace(PUNCTUATION, " $& ")
    .split(" ")
    .filter((word) => word !== "");
}

function normalized(text: string, rules: TokenizerRules): string {
  let clean = text.replace(REMOVED, "").replace(/\s/g, " ").replace(IDEOGRAPHS, " $& ");
  if (rules.strip_accents) {
    clean = clean.normalize("NFD").replace(MARKS, "");
  }
  // A capital sigma becomes a final one at a word's end in JavaScript, but not where characters are taken one by one.
  return rules.lowercase ? clean.replaceAll("Σ", "σ").toLowerCase() : clean;
}
