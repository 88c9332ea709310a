import { expect, test } from "vitest";
import { Splitter } from "../../src/encoder/words.ts";

const UNCASED = { lowercase: true, strip_accents: true, version: 1 } as const;
const KNOWN = ["£", "°", "①", "a"];

function split(text: string, rules: { lowercase: boolean; strip_accents: boolean; version?: 1 | 2 }): string[] {
  return new Splitter({ version: 1, ...rules }, KNOWN).words(text);
}

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

test.each([
  ["bill™ ②kg½", ["bill", "tm", "2", "kg", "1", "2"]],
  ["5² ㎏x", ["5", "2", "kg", "x"]],
  ["Ｆｕｌｌ ﬁt", ["full", "fit"]],
  ["£20€5 20°C", ["£", "20", "5", "20", "°", "c"]],
  ["bill👍🏽split ★★★", ["bill", "split"]],
  ["a\u0000b\u200bc", ["a", "b", "c"]],
  ["\ua7f2 \u{1ccd6}", ["\ua7f2", "\u{1ccd6}"]], // newer than what `tokenizers` spells out
])("by the newer rules, %j is split into %j", (text, words) => {
  expect(split(text, { ...UNCASED, version: 2 })).toEqual(words);
});
