import { expect, test } from "vitest";
import { rint } from "../src/numbers.ts";

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
