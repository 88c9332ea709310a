import { expect, test } from "vitest";
import { SIGNALS } from "../../src/index.ts";
import { computeSignals } from "../../src/ranking/signals.ts";
import { event, seen, terms, vector } from "./seen.ts";

const QUERY = { vector: vector(1, 0), terms: terms(1) };

test("every signal is computed, and nothing is known of a text that is not there", () => {
  const signals = computeSignals([seen("unknown")], QUERY, []);
  expect(Object.keys(signals)).toEqual([...SIGNALS]);
  const { upstream_position, ...others } = signals;
  expect([...upstream_position]).toEqual([1]);
  expect(Object.values(others).every(([value]) => Number.isNaN(value))).toBe(true);
});

test("what can't be read is as far from the query and from what was liked as the farthest, and at most 0", () => {
  const candidates = [
    seen("near", { vector: vector(1, 0), terms: terms(1) }),
    seen("far", { vector: vector(-1, 0) }),
    seen("unreadable", { unreadable: true }),
    seen("missing"),
  ];
  const signals = computeSignals(candidates, QUERY, [event({ vector: vector(0, 1), itemId: "near" })]);
  expect([...signals.query_similarity]).toEqual([1, -1, -1, Number.NaN]);
  expect([...signals.query_overlap].slice(1)).toEqual([0, 0, Number.NaN]);
  expect([...signals.history_similarity]).toEqual([0, 0, 0, Number.NaN]);
  expect([...signals.repeat]).toEqual([1, 0, 0, 0]);
  expect(signals.repetition[2]).toBeNaN();
});

test("where a signal is known of no candidate, it is not known of what can't be read", () => {
  const signals = computeSignals([seen("unreadable", { unreadable: true }), seen("missing")], QUERY, []);
  expect([...signals.query_similarity]).toEqual([Number.NaN, Number.NaN]);
});

test("how far a text repeats itself is a share", () => {
  const loud = seen("loud", { vector: vector(1, 0), terms: { ...terms(1), repetition: 51 } });
  expect([...computeSignals([loud], null, []).repetition]).toEqual([0.2]);
});
