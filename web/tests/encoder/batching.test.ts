import { expect, test } from "vitest";
import { planBatches } from "../../src/encoder/batching.ts";

test("texts of like length share a run, the longest first", () => {
  expect(planBatches([3, 10, 3, 9], 20)).toEqual([
    [1, 3],
    [0, 2],
  ]);
});

test("a text over the budget runs alone, and none is left out", () => {
  expect(planBatches([50, 2, 60], 40)).toEqual([[2], [0], [1]]);
  expect(planBatches([], 40)).toEqual([]);
});
