import { expect, test } from "vitest";
import { NO_TERMS } from "../../src/encoder/terms.ts";
import { featuresOf, quantized, unitVector } from "../../src/features/features.ts";

test("codes keep a vector's direction, its greatest number at 127", () => {
  const codes = quantized(Float32Array.of(0.6, -0.8, 0.003));
  expect([...codes]).toEqual([95, -127, 0]);
  const [x, y, z] = unitVector(codes);
  expect(Math.hypot(x!, y!, z!)).toBeCloseTo(1, 6);
  expect(y! / x!).toBeCloseTo(-127 / 95, 6);
});

test("each window has codes of its own, and what only queries need is left out", () => {
  const windows = [Float32Array.of(1, 0), Float32Array.of(0, -1)];
  const terms = { ...NO_TERMS, compounds: [{ whole: 1, parts: [2, 3] }] };
  const encoded = { vector: windows[0]!, windows, terms, tokens: 9, truncated: false, readable: true };
  const { codes, terms: kept } = featuresOf(encoded, "a", null);
  expect(codes.map((one) => [...one])).toEqual([
    [127, 0],
    [0, -127],
  ]);
  expect(kept.compounds).toEqual([]);
});
