import { expect, test } from "vitest";
import { SIGNALS } from "../../src/index.ts";
import type { RankResult, SignalContribution } from "../src/api.ts";
import { groupsOf, longestOf, partsOf, segmentsOf } from "../src/signals.ts";

function explained(contributions: Record<string, number>): Record<string, SignalContribution> {
  return Object.fromEntries(
    Object.entries(contributions).map(([name, contribution]) => [
      name,
      { contribution, weight: 1, value: contribution },
    ]),
  );
}

function result(contributions: Record<string, number>): RankResult {
  const explanation = explained(contributions) as NonNullable<RankResult["explanation"]>;
  return { id: "a", index: 0, rank: 1, score: 0, status: "ok", explanation };
}

test("every signal of the library has a name of its own", () => {
  const names = SIGNALS.map((signal) => partsOf(explained({ [signal]: 1 }))[0]?.name);
  expect(new Set(names).size).toBe(SIGNALS.length);
  for (const name of names) expect(name).not.toMatch(/_/);
});

test("the weightiest part comes first, and what adds nothing is left out", () => {
  const parts = partsOf(explained({ query_overlap: 0.1, popularity: 0, skip_similarity: -0.4 }));
  expect(parts.map(({ signal }) => signal)).toEqual(["skip_similarity", "query_overlap"]);
});

test("what lowers the score counts against, whichever signal it is", () => {
  expect(partsOf(explained({ query_similarity: -0.2 }))[0]?.group).toBe("against");
});

test("a bar is as long as the sizes of its parts, in the same order for all", () => {
  const parts = partsOf(
    explained({ query_overlap: 0.2, query_lead_overlap: 0.2, query_similarity: 0.5, repeat: -0.1 }),
  );
  expect(segmentsOf(parts, 2)).toEqual([
    { group: "meaning", share: 0.25 },
    { group: "words", share: 0.2 },
    { group: "against", share: 0.05 },
  ]);
});

test("where nothing has a score, no bar has a length", () => {
  expect(longestOf([])).toBe(0);
  expect(segmentsOf(partsOf(explained({ query_overlap: 1 })), 0)).toEqual([]);
});

test("the longest bar fills its place, and the legend names what is to be seen", () => {
  const results = [result({ query_overlap: 0.5, repeat: -0.1 }), result({ query_similarity: 0.2 })];
  expect(longestOf(results)).toBeCloseTo(0.6);
  expect(groupsOf(results)).toEqual(["meaning", "words", "against"]);
});
