import { expect, test } from "vitest";
import { featuresOf } from "../../src/features/features.ts";

test("what the core made of a text is kept with the text and the item's category", () => {
  const features = Uint8Array.of(1, 0, 0, 0, 127);
  expect(featuresOf({ features }, "a", "food")).toEqual({ text: "a", bytes: features, category: "food" });
  expect(featuresOf({ features }, "a").category).toBeNull();
});
