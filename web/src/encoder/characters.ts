/**
 * Kinds of characters as Hugging Face's `tokenizers` has them: those of Unicode 8.0, whatever the browser knows.
 *
 * A browser's own `\p{…}` follow its Unicode version, so that two devices, and the service, would split texts apart
 * from each other.
 */

import control from "@unicode/unicode-8.0.0/General_Category/Control/regex.mjs";
import format from "@unicode/unicode-8.0.0/General_Category/Format/regex.mjs";
import nonspacingMark from "@unicode/unicode-8.0.0/General_Category/Nonspacing_Mark/regex.mjs";
import privateUse from "@unicode/unicode-8.0.0/General_Category/Private_Use/regex.mjs";
import punctuation from "@unicode/unicode-8.0.0/General_Category/Punctuation/regex.mjs";

/** What BERT's cleaning removes: controls but tab and line ends, formats, private use, the replacement character. */
export const REMOVED = any(String.raw`(?![\t\n\r])(?:${control.source})`, format.source, privateUse.source, "\uFFFD");

/** Accents, once characters are decomposed. */
export const MARKS = any(nonspacingMark.source);

/** A character that is a word of its own; of ASCII, whatever is no letter, digit, blank or control. */
export const PUNCTUATION = any("[!-/:-@[-`{-~]", punctuation.source);

/** CJK ideographs. The fifth range begins where `tokenizers` lets it begin: 256 characters late. */
export const IDEOGRAPHS =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

// The sources are of expressions without the flag `u`: characters beyond the first plane are pairs in them.
function any(...sources: readonly string[]): RegExp {
  return new RegExp(sources.map((source) => `(?:${source})`).join("|"), "g");
}
