import { expect, test } from "vitest";
import type { RankResponse } from "../src/api.ts";
import { stagesOf } from "../src/stages.ts";

function answer(took: number) {
  const timing_ms = { total: 4, features: 1, encode: 2, score: 1 };
  return { place: "server" as const, took, response: { timing_ms } as RankResponse };
}

test("what is left of the time is the way", () => {
  const stages = stagesOf(answer(10));
  expect(stages.map(({ stage, ms }) => [stage, ms])).toEqual([
    ["features", 1],
    ["encode", 2],
    ["score", 1],
    ["way", 6],
  ]);
  expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
});

test("clocks that differ make no negative time", () => {
  expect(stagesOf(answer(3)).at(-1)?.ms).toBe(0);
});
