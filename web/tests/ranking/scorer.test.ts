import { expect, test } from "vitest";
import { SIGNALS } from "../../src/index.ts";
import { unknown } from "../../src/ranking/candidates.ts";
import { explain, score } from "../../src/ranking/scorer.ts";
import { neutralized, type Signals } from "../../src/ranking/signals.ts";
import type { Weights } from "../../src/ranking/weights.ts";

function signals(known: Partial<Signals>): Signals {
  return { ...(Object.fromEntries(SIGNALS.map((name) => [name, unknown(3)])) as Signals), ...known };
}

function weights(said: Partial<Weights>): Weights {
  return { ...(Object.fromEntries(SIGNALS.map((name) => [name, 0])) as Weights), ...said };
}

test("what is not known counts as the mean of what is", () => {
  expect([...neutralized(Float64Array.of(1, Number.NaN, 2))]).toEqual([1, 1.5, 2]);
  expect([...neutralized(unknown(2))]).toEqual([0, 0]);
});

test("a score is the sum of weighed signals, rounded to six decimals, and can be taken apart", () => {
  const computed = signals({
    query_similarity: Float64Array.of(0.1234567, Number.NaN, 0.5),
    skip_similarity: Float64Array.of(0.5, 0.25, 0),
  });
  const counts = weights({ query_similarity: 1, skip_similarity: -0.2 });
  const scores = score(computed, counts);
  expect(scores.totals[0]).toBe(0.023457);
  const explanation = explain(computed, scores, counts, 1);
  expect(explanation.query_similarity).toEqual({ weight: 1, contribution: (0.1234567 + 0.5) / 2 });
  expect(explanation.skip_similarity).toEqual({ weight: -0.2, contribution: -0.05, value: 0.25 });
  expect(Object.is(explain(computed, scores, counts, 2).skip_similarity.contribution, 0)).toBe(true);
  expect(Object.keys(explanation)).toEqual([...SIGNALS]);
});
