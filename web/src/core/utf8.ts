/** UTF-8 by hand: mini programs have no `TextEncoder`, and a half of a surrogate pair is a question mark to the service. */

const QUESTION_MARK = 0x3f;
/** Bytes of a code unit at most; a pair of two takes four. */
const MOST_BYTES = 3;

/** How many bytes a text takes at most. */
export function roomFor(text: string): number {
  return text.length * MOST_BYTES;
}

/**
 * Write a text.
 *
 * @param to With room for `roomFor(text)` bytes from `at` on.
 * @returns The place behind it.
 */
export function writeUtf8(text: string, to: Uint8Array, at: number): number {
  for (let place = 0; place < text.length; place++) {
    let point = text.codePointAt(place)!;
    if (point > 0xffff) {
      place++;
    } else if (point >= 0xd800 && point < 0xe000) {
      point = QUESTION_MARK;
    }
    if (point < 0x80) {
      to[at++] = point;
    } else if (point < 0x800) {
      to[at++] = 0xc0 | (point >> 6);
      to[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      to[at++] = 0xe0 | (point >> 12);
      to[at++] = 0x80 | ((point >> 6) & 0x3f);
      to[at++] = 0x80 | (point & 0x3f);
    } else {
      to[at++] = 0xf0 | (point >> 18);
      to[at++] = 0x80 | ((point >> 12) & 0x3f);
      to[at++] = 0x80 | ((point >> 6) & 0x3f);
      to[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** A text from valid UTF-8. */
export function readUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at++]!;
    const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = more === 0 ? first : first & (0x3f >> more);
    for (let left = more; left > 0; left--) {
      point = (point << 6) | (bytes[at++]! & 0x3f);
    }
    text += String.fromCodePoint(point);
  }
  return text;
}
