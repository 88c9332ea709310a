import { expect, test } from "vitest";
import { split } from "../../src/encoder/words.ts";

const UNCASED = { lowercase: true, strip_accents: true };

test.each([
  ["Split a Bill!", ["split", "a", "bill", "!"]],
  ["Crème brûlée", ["creme", "brulee"]],
  ["ΟΔΟΣ Σ", ["οδοσ", "σ"]],
  ["İstanbul", ["istanbul"]],
  ["夕食の請求", ["夕", "食", "の", "請", "求"]],
  ["a\u200bb\u00adc\u0000d\ufffde", ["abcde"]],
  ["a\u00a0b\tc\nd", ["a", "b", "c", "d"]],
  ["$5,00=x", ["$", "5", ",", "00", "=", "x"]],
  ["[SEP]", ["[", "sep", "]"]],
  ["a\u{1ACF}b", ["a\u{1ACF}b"]], // a mark that is newer than Unicode 8 stays
])("%j is split into %j", (text, words) => {
  expect(split(text, UNCASED)).toEqual(words);
});

test("what the rules do not ask for is left as it is", () => {
  expect(split("É Σ", { lowercase: false, strip_accents: false })).toEqual(["É", "Σ"]);
  expect(split("É", { lowercase: true, strip_accents: false })).toEqual(["é"]);
  expect(split("É", { lowercase: false, strip_accents: true })).toEqual(["E"]);
});
