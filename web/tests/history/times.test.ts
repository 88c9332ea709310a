import { expect, test } from "vitest";
import { timesOf } from "../../src/history/times.ts";

test("times of a clock that was right stay as they are", () => {
  expect(timesOf([1, 5, 5, 9], 10)).toEqual([1, 5, 5, 9]);
  expect(timesOf([], 10)).toEqual([]);
});

test("an event of a clock that was ahead happened before the next one, or before now", () => {
  expect(timesOf([1, 5000, 7], 10)).toEqual([1, 7, 7]);
  expect(timesOf([1, 5000, 6000], 10)).toEqual([1, 10, 10]);
});

test("an event of a clock that was behind happened after the one before", () => {
  expect(timesOf([5, 0, 7], 10)).toEqual([5, 5, 7]);
});

test("while the clock is behind, what it is behind of happened now", () => {
  expect(timesOf([5, 7], 2)).toEqual([2, 2]);
});

test("whatever a clock said, times neither decrease nor are to come", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed % 20;
  };
  for (let round = 0; round < 500; round++) {
    const told = Array.from({ length: 8 }, random);
    const times = timesOf(told, 10);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(Math.max(...times)).toBeLessThanOrEqual(10);
  }
});
