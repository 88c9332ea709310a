import { expect, test } from "vitest";
import { compoundsOf } from "../../src/encoder/compounds.ts";
import { wordHash } from "../../src/encoder/hashes.ts";

function found(text: string) {
  return compoundsOf(text, (one) => ` ${one.toLowerCase()} `);
}

function compound(...parts: readonly string[]) {
  return { whole: wordHash(parts.join("")), parts: parts.map(wordHash) };
}

test.each([
  ["a T-shirt", [compound("t", "shirt")]],
  ["wi\u2010fi rock'n'roll", [compound("wi", "fi"), compound("rock", "n", "roll")]],
  ["H&M, U.S.A.", [compound("h", "m"), compound("u", "s", "a")]],
  ["1,000 and 1,0000, 2.5", [compound("1", "000")]],
  ["a -b- c, d.", []],
])("the compounds of %j", (text, compounds) => {
  expect(found(text)).toEqual(compounds);
});

test("amounts come first and have no parts; each is told once", () => {
  expect(found("mid-day: £20, £ 20")).toEqual([{ whole: wordHash("£20"), parts: [] }, compound("mid", "day")]);
});

test("of many the first eight count, of long ones none", () => {
  expect(found(Array.from({ length: 20 }, (_, at) => `a-${at}`).join(" "))).toHaveLength(8);
  expect(found(`${"a".repeat(40)}-${"b".repeat(40)}`)).toEqual([]);
});
