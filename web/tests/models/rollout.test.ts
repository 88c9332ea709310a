import { expect, test } from "vitest";
import { pointOf, takesPart } from "../../src/models/rollout.ts";

// What the service's own tests hold it to.
test.each([
  ["en-2", "device-1", 2167805375],
  ["en-2", "device-2", 3895084315],
  ["ü", "gerät 7", 3265948434],
  ["", "", 3886811014],
])("salt %j and id %j stand where the service sees them", async (salt, id, point) => {
  expect(await pointOf(salt, id)).toBe(point);
});

test("nobody is part of 0 percent, everybody of 100, and the rest by their place", async () => {
  expect(await takesPart("en-2", 0, "device-1")).toBe(false);
  expect(await takesPart("en-2", 50.47, "device-1")).toBe(false);
  expect(await takesPart("en-2", 50.48, "device-1")).toBe(true);
  expect(await takesPart("", 100, "")).toBe(true);
});
