import { expect, test } from "vitest";
import { meanDirection, rint } from "../src/numbers.ts";

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [-0.5, 0],
  [-1.5, -2],
  [2.4999, 2],
  [-2.6, -3],
])("%f is rounded to %f", (value, rounded) => {
  expect(rint(value)).toBe(rounded);
});

test("the direction of a mean is of unit length; opposites have none, then it is the first's", () => {
  const [east, north, west] = [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(-1, 0)];
  expect(meanDirection([east])).toBe(east);
  expect([...meanDirection([east, north])]).toEqual([Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)]);
  expect(meanDirection([east, west])).toBe(east);
});
