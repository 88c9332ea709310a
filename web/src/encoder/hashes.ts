/** Hashes of words, by their letters: a polynomial in 32 bits, so that that of a whole follows from those of its parts. */

const BASE = 0x85ebca6b;

/** The hash of a word, as its pieces spell it: 16 bits. */
export function wordHash(word: string): number {
  return mixed(spelt(word)) >>> 16;
}

/** The polynomial of a text's letters. */
export function spelt(text: string): number {
  let value = 0;
  for (const letter of text) {
    value = (Math.imul(value, BASE) + mixed(letter.codePointAt(0)!)) | 0;
  }
  return value >>> 0;
}

/** Powers of the polynomial's base, from that of 0 on. */
export function powersOf(count: number): Uint32Array {
  const powers = new Uint32Array(count).fill(1);
  for (let exponent = 1; exponent < count; exponent++) {
    powers[exponent] = Math.imul(powers[exponent - 1]!, BASE);
  }
  return powers;
}

/** MurmurHash3's finalizer: every bit of 32 depends on all of them. */
export function mixed(number: number): number {
  let value = number ^ (number >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
