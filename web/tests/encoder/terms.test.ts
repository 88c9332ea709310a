import { expect, test } from "vitest";
import { Lexicon, MAX_TERMS } from "../../src/encoder/terms.ts";

const LEXICON = new Lexicon(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "!", "bill", "##s", "split", ...many(100)]);

function many(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `word${at}`);
}

test("a word is a piece and those that continue it; punctuation and unknown words are none", () => {
  const { hashes } = LEXICON.terms([5, 6, 4, 1, 7]);
  expect(hashes).toHaveLength(2);
  expect(hashes[0]).not.toBe(LEXICON.terms([5]).hashes[0]);
  expect(hashes[1]).toBe(LEXICON.terms([7]).hashes[0]);
});

test("a word counts once, later pieces of the vocabulary are rarer, and a long word is rarer than its pieces", () => {
  expect(LEXICON.terms([5, 7, 5]).hashes).toHaveLength(2);
  const [bill, last, compound] = [[5], [107], [5, 6]].map((ids) => LEXICON.terms(ids).rarities[0]!);
  expect(bill).toBeLessThan(last!);
  expect(compound).toBeGreaterThan(bill!);
  expect(compound).toBeLessThanOrEqual(255);
});

test("so many words are kept, the first ones", () => {
  const ids = Array.from({ length: 100 }, (_, at) => at + 8);
  expect(LEXICON.terms(ids)).toEqual(LEXICON.terms(ids.slice(0, MAX_TERMS)));
});
