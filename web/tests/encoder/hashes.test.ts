import { expect, test } from "vitest";
import { mixed, powersOf, spelt, wordHash } from "../../src/encoder/hashes.ts";

test("the polynomial of a whole follows from those of its parts", () => {
  const [tail, power] = ["shirt", powersOf(6)[5]!];
  expect((Math.imul(spelt("t"), power) + spelt(tail)) >>> 0).toBe(spelt("tshirt"));
});

test("numbers are mixed as MurmurHash3 mixes them, and a word's hash has 16 bits", () => {
  expect([0, 1, 0xffffffff].map(mixed)).toEqual([0, 0x514e28b7, 0x81f16f39]);
  expect(wordHash("")).toBe(0);
  expect(wordHash("😀")).toBeLessThan(1 << 16);
});
