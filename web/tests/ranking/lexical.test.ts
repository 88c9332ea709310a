import { expect, test } from "vitest";
import { historyOverlap, queryOverlaps } from "../../src/ranking/lexical.ts";
import { seen, terms, vector } from "./seen.ts";

const VECTOR = vector(1, 0);

test("the share of the query's words counts, and apart from it that in the first four words", () => {
  const candidates = [
    seen("all", { vector: VECTOR, terms: terms(1, 2) }),
    seen("half, late", { vector: VECTOR, terms: terms(5, 6, 7, 8, 1) }),
    seen("unknown"),
  ];
  const { overlap, leadOverlap } = queryOverlaps(candidates, terms(1, 2));
  expect([...overlap]).toEqual([1, 0.5, Number.NaN]);
  expect([...leadOverlap]).toEqual([1, 0, Number.NaN]);
});

test("a query without words says nothing", () => {
  expect([...queryOverlaps([seen("a", { vector: VECTOR })], terms()).overlap]).toEqual([Number.NaN]);
  expect([...queryOverlaps([seen("a", { vector: VECTOR })], null).leadOverlap]).toEqual([Number.NaN]);
});

test("liked words count more where few candidates have them", () => {
  const candidates = [
    seen("rare", { vector: VECTOR, terms: terms(1, 9) }),
    seen("common", { vector: VECTOR, terms: terms(2, 8) }),
    seen("common too", { vector: VECTOR, terms: terms(2, 7) }),
    seen("none", { vector: VECTOR, terms: terms() }),
    seen("unknown"),
  ];
  const [rare, common, , none, unknown] = historyOverlap(candidates, [terms(1, 2)], [1]);
  expect(rare).toBeGreaterThan(common!);
  expect(common).toBeGreaterThan(0);
  expect(none).toBe(0);
  expect(unknown).toBeNaN();
  expect([...historyOverlap(candidates.slice(0, 1), [], [])]).toEqual([Number.NaN]);
});
