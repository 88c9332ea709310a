import { expect, test } from "vitest";
import { recordedAt } from "../../src/history/event.ts";

test("what says nothing is left out", () => {
  expect(recordedAt(7, { item_id: "a", text: null, category: null, action: "view" })).toEqual({
    at: 7,
    action: "view",
    item_id: "a",
  });
  const whole = { item_id: "a", text: "Tea", category: "food", action: "skip" } as const;
  expect(recordedAt(7, whole)).toEqual({ at: 7, ...whole });
});

test("of a text that no model reads to its end, what one reads is kept", () => {
  const { text } = recordedAt(7, { item_id: "a", text: "🍵".repeat(9000), action: "view" });
  expect(text).toBe("🍵".repeat(8192));
});
