import { expect, test } from "vitest";
import { freshness, popularity, upstreamPosition, upstreamScore } from "../../src/ranking/upstream.ts";

const { NaN: unknown } = Number;

test("scores are scaled to the request", () => {
  expect([...upstreamScore(Float64Array.of(2, unknown, 4, 3))]).toEqual([0, unknown, 1, 0.5]);
  expect([...upstreamScore(Float64Array.of(7, unknown, 7))]).toEqual([0.5, unknown, 0.5]);
  expect([...upstreamScore(Float64Array.of(unknown))]).toEqual([unknown]);
  expect([...upstreamScore(Float64Array.of(-1e308, 1e308))]).toEqual([0, 1]);
});

test("places fall ever more slowly", () => {
  expect([...upstreamPosition(3)]).toEqual([1, 1 / Math.log2(3), 0.5]);
});

test("popularity is a share of the most popular one's, on a logarithmic scale", () => {
  expect([...popularity(Float64Array.of(0, unknown, 99, 9))]).toEqual([0, unknown, 1, Math.log1p(9) / Math.log1p(99)]);
  expect([...popularity(Float64Array.of(0, unknown))]).toEqual([0, unknown]);
});

test("freshness halves in thirty days", () => {
  expect([...freshness(Float64Array.of(0, 30 * 86_400, unknown))]).toEqual([1, 0.5, unknown]);
});
