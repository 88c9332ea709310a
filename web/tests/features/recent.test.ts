import { expect, test } from "vitest";
import { Recent } from "../../src/features/recent.ts";

test("what was used least recently goes first", () => {
  const recent = new Recent<number>(2);
  recent.put("a", 1);
  recent.put("b", 2);
  expect(recent.get("a")).toBe(1);
  recent.put("c", 3);
  expect(recent.get("b")).toBeUndefined();
  expect(recent.get("a")).toBe(1);
  recent.delete("a");
  expect(recent.get("a")).toBeUndefined();
});
