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
  const rare = Math.log1p(3 / 1);
  const common = Math.log1p(3 / 2); // both texts have it
  expect([...overlap]).toEqual([expect.closeTo(1, 12), expect.closeTo(common / (rare + common), 12), Number.NaN]);
  expect([...leadOverlap]).toEqual([expect.closeTo(1, 12), 0, Number.NaN]);
});

test("in a text of more than twelve words they count a little less", () => {
  const words = Array.from({ length: 24 }, (_, at) => at);
  const { overlap } = queryOverlaps([seen("long", { vector: VECTOR, terms: terms(...words) })], terms(1));
  expect(overlap[0]).toBeCloseTo(1 / (1 + 0.1 * Math.log(2)), 12);
});

test("a part of a compound is there too where the whole is, and a whole that is asked for is no word of its own", () => {
  const query = {
    ...terms(1, 2, 12),
    rarities: Uint8Array.of(170, 170, 0),
    compounds: [{ whole: 12, parts: [1, 2] }],
  };
  const candidates = [terms(12), terms(1, 2), terms(1)].map((one, at) => seen(`${at}`, { vector: VECTOR, terms: one }));
  const [whole, parts, part] = queryOverlaps(candidates, query).overlap;
  expect(whole).toBeCloseTo(1, 12);
  expect(parts).toBeCloseTo(1, 12);
  expect(part).toBeLessThan(1);
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
