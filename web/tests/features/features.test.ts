import { expect, test } from "vitest";
import { quantized, unitVector } from "../../src/features/features.ts";

test("codes keep a vector's direction, its greatest number at 127", () => {
  const codes = quantized(Float32Array.of(0.6, -0.8, 0.003));
  expect([...codes]).toEqual([95, -127, 0]);
  const [x, y, z] = unitVector(codes);
  expect(Math.hypot(x!, y!, z!)).toBeCloseTo(1, 6);
  expect(y! / x!).toBeCloseTo(-127 / 95, 6);
});
