/** Texts as the service counts them: in characters of Unicode. */

// Spaces, control characters and byte order marks are nothing to read.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const WORDS = /[^\s\x00-\x1f\x7f-\x9f\ufeff]/;

/** Whether there is something in a text to read. */
export function hasWords(text: string): boolean {
  return WORDS.test(text);
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

/** The first characters of a text. */
export function head(text: string, characters: number): string {
  if (text.length <= characters) {
    return text;
  }
  let end = 0;
  for (let taken = 0; taken < characters && end < text.length; taken++) {
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}
