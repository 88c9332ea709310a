/** Texts as the service counts them, in characters of Unicode, and as the tokenizer is given them. */

import { CONTROLS } from "./characters.ts";
import { unescaped } from "./entities.ts";

/** What follows is beyond what any model reads, unless the text is mostly blanks. */
export const MAX_CHARACTERS = 8192;

// Spaces, control characters and byte order marks are nothing to read.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const WORDS = /[^\s\x00-\x1f\x7f-\x9f\ufeff]/;
const LONE_SURROGATES = /\p{Cs}/gu;

/** Whether there is something in a text to read. */
export function hasWords(text: string): boolean {
  return WORDS.test(text);
}

/**
 * The first `MAX_CHARACTERS` of a text, ready to be split, and whether there were more: entities undone, controls
 * blank, and a question mark for each half of a surrogate pair that stands alone.
 */
export function prepared(text: string): { readonly text: string; readonly cut: boolean } {
  const read = head(text, MAX_CHARACTERS);
  return { text: unescaped(read.text.replace(LONE_SURROGATES, "?")).replace(CONTROLS, " "), cut: read.cut };
}

/** How many characters a text has; a surrogate pair is one. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    if (text.codePointAt(at)! > 0xffff) {
      length--;
      at++;
    }
  }
  return length;
}

/** The first characters of a text, and whether there were more. */
export function head(text: string, characters: number): { readonly text: string; readonly cut: boolean } {
  if (text.length <= characters) {
    return { text, cut: false };
  }
  let end = 0;
  for (let taken = 0; taken < characters && end < text.length; taken++) {
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  }
  return { text: text.slice(0, end), cut: end < text.length };
}
