import { expect, test } from "vitest";
import { similarities } from "../../src/ranking/similarity.ts";
import { seen, terms, vector } from "./seen.ts";

const QUERY = { vector: vector(1, 0), terms: terms() };

test("of a short text it is the cosine, of a long one the mean of where it begins, where it fits best, and the whole", () => {
  const long = { vector: vector(1, 1), windows: [vector(0, 1), vector(1, 0)] };
  const found = similarities([seen("short", { vector: vector(3, 4) }), seen("long", long), seen("unknown")], QUERY);
  expect(found[0]).toBeCloseTo(0.6, 6);
  expect(found[1]).toBeCloseTo((0 + 1 + Math.SQRT1_2) / 3, 6);
  expect(found[2]).toBeNaN();
});
