import { expect, test } from "vitest";
import { type Arrangement, arrange } from "../../src/ranking/arrangement.ts";
import { seen, vector } from "./seen.ts";

const PLAIN: Arrangement = { pinned: [], topN: null, diversity: 0, maxPerCategory: null };
const SCORES = Float64Array.of(0.5, 0.9, 0.5, 0.7);
const CANDIDATES = ["x", "x", "y", null].map((category, at) => seen(String(at), { category }));

test("the order is by score, equals by the order in which they came", () => {
  expect(arrange(SCORES, CANDIDATES, PLAIN)).toEqual([1, 3, 0, 2]);
  expect(arrange(SCORES, CANDIDATES, { ...PLAIN, topN: 2 })).toEqual([1, 3]);
  expect(arrange(SCORES, CANDIDATES, { ...PLAIN, topN: 9 })).toHaveLength(4);
  expect(arrange(new Float64Array(), [], { ...PLAIN, diversity: 0.5 })).toEqual([]);
});

test("pins come first, and count as results", () => {
  expect(arrange(SCORES, CANDIDATES, { ...PLAIN, pinned: [2, 0] })).toEqual([2, 0, 1, 3]);
  expect(arrange(SCORES, CANDIDATES, { ...PLAIN, pinned: [2, 0], topN: 1 })).toEqual([2]);
});

test.each([0, 0.001])("a full category is left out, pins stay (diversity %f)", (diversity) => {
  const one = { ...PLAIN, maxPerCategory: 1, diversity };
  expect(arrange(SCORES, CANDIDATES, one)).toEqual([1, 3, 2]);
  expect(arrange(SCORES, CANDIDATES, { ...one, pinned: [0, 1] })).toEqual([0, 1, 3, 2]);
});

test("diversity passes over what resembles what came before", () => {
  const alike = [vector(1, 0), vector(1, 0.01), vector(0, 1)].map((one, at) => seen(String(at), { vector: one }));
  const scores = Float64Array.of(1, 0.99, 0.5);
  expect(arrange(scores, alike, PLAIN)).toEqual([0, 1, 2]);
  expect(arrange(scores, alike, { ...PLAIN, diversity: 0.5 })).toEqual([0, 2, 1]);
  expect(arrange(scores, alike, { ...PLAIN, diversity: 1, pinned: [1] })).toEqual([1, 2, 0]);
});

test("where a vector is missing, categories say what is alike", () => {
  const scores = Float64Array.of(1, 0.9, 0.8);
  const candidates = ["x", "x", "y"].map((category, at) => seen(String(at), { category }));
  expect(arrange(scores, candidates, { ...PLAIN, diversity: 0.9 })).toEqual([0, 2, 1]);
});
