import { expect, test } from "vitest";
import { unheard } from "../src/events.ts";

function times<Value>(count: number, value: Value): Value[] {
  return Array.from({ length: count }, () => value);
}

test("of each kind the fifty latest events that may speak are read", () => {
  expect(unheard(times(50, true), times(50, "click"))).toEqual([]);
  expect(unheard(times(52, true), times(52, "click"))).toEqual([50, 51]);
  expect(unheard([...times(9, false), ...times(51, true)], times(60, "view"))).toEqual([59]);
  const both = times(51, ["click", "skip"] as const).flat();
  expect(unheard(times(102, true), both)).toEqual([100, 101]);
  expect(unheard([], [])).toEqual([]);
});
