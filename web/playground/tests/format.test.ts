import { expect, test } from "vitest";
import { bytes, counted, milliseconds, signed } from "../src/format.ts";

test.each([
  [0.123, "0.12 ms"],
  [2.46, "2.5 ms"],
  [9.96, "10 ms"],
  [34.4, "34 ms"],
])("%d milliseconds", (ms, told) => expect(milliseconds(ms)).toBe(told));

test.each([
  [999, "999 B"],
  [16_842, "16.8 KB"],
  [99_960, "100 KB"],
  [416_400, "416 KB"],
  [999_600, "1.00 MB"],
  [1_906_351, "1.91 MB"],
])("%d bytes", (count, told) => expect(bytes(count)).toBe(told));

test("a minus is a minus, and nothing has none", () => {
  expect(signed(-0.0591)).toBe("−0.059");
  expect(signed(-0.0001)).toBe("0.000");
  expect(signed(1.5)).toBe("1.500");
});

test("one is one", () => {
  expect(counted(1, "item")).toBe("1 item");
  expect(counted(1416, "item")).toBe("1,416 items");
});
