import { expect, test } from "vitest";
import { wordHash } from "../../src/encoder/hashes.ts";
import { Lexicon, MAX_TERMS, NO_TERMS } from "../../src/encoder/terms.ts";

const PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "!", "bill", "##s", "split", "+", "£", "bills", "##", ...many(300)];
const LEXICON = new Lexicon(PIECES, (text) => text.toLowerCase());

function many(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `word${at}`);
}

test("a word is a piece and those that continue it; punctuation and unknown words are none", () => {
  const { hashes } = LEXICON.terms([5, 6, 4, 1, 7]);
  expect([...hashes]).toEqual([wordHash("bills"), wordHash("split")]);
  expect(LEXICON.terms([])).toBe(NO_TERMS);
});

test("the hash is of the letters, however the word was cut", () => {
  expect(LEXICON.terms([5, 6]).hashes).toEqual(LEXICON.terms([10]).hashes);
  expect(LEXICON.terms([6]).hashes).not.toEqual(LEXICON.terms([6, 6]).hashes);
  expect(wordHash("é")).not.toBe(wordHash("e"));
});

test("symbols that tell things apart are words", () => {
  expect([...LEXICON.terms([8, 9]).hashes]).toEqual([wordHash("+"), wordHash("£")]);
});

test("a word counts once, later pieces of the vocabulary are rarer, and a long word is rarer than its pieces", () => {
  expect(LEXICON.terms([5, 7, 5]).hashes).toHaveLength(2);
  const [bill, last, compound] = [[5], [107], [5, 6]].map((ids) => LEXICON.terms(ids).rarities[0]!);
  expect(bill).toBeLessThan(last!);
  expect(compound).toBeGreaterThan(bill!);
  expect(compound).toBeLessThanOrEqual(255);
});

test("so many words are kept, the first ones, and room for compounds", () => {
  const ids = many(300).map((word) => PIECES.indexOf(word));
  expect(LEXICON.terms(ids)).toEqual(LEXICON.terms(ids.slice(0, MAX_TERMS)));
  const { hashes, rarities } = LEXICON.terms(ids, "word1 bill-split");
  expect(hashes).toHaveLength(MAX_TERMS);
  expect(hashes.at(-1)).toBe(wordHash("billsplit"));
  expect(rarities.at(-1)).toBe(0);
});

test("an amount has a rarity of its own", () => {
  const { hashes, rarities } = LEXICON.terms([9, 5], "£20");
  expect(hashes.at(-1)).toBe(wordHash("£20"));
  expect(rarities.at(-1)).toBe(170);
});

test("what is said for the third time or later is repetition, beyond what is usual of texts of the length", () => {
  expect(LEXICON.terms([5, 7, 5, 7]).repetition).toBe(0);
  expect(LEXICON.terms([5, 5, 5]).repetition).toBe(149); // a third, of which 0.1575 is usual
  const rest = many(100).map((word) => PIECES.indexOf(word));
  expect(LEXICON.terms([5, 5, 5, ...rest]).repetition).toBe(0);
  expect(LEXICON.terms(new Array(20).fill(5)).repetition).toBe(255);
});
