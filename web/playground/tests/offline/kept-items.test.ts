import { afterEach, expect, test, vi } from "vitest";
import { keepItems, keptItems } from "../../src/offline/kept-items.ts";
import { stubCaches } from "./cache-storage.ts";

afterEach(() => vi.unstubAllGlobals());

test("items are kept, and the latest take the place of others", async () => {
  stubCaches();
  expect(await keptItems()).toBeUndefined();
  await keepItems([{ id: "a", title: "A", text: "A" }]);
  const items = [{ id: "b", title: "B", text: "B. Something", category: "food" }];
  await keepItems(items);
  expect(await keptItems()).toEqual(items);
});

test("a browser without cache storage keeps none", async () => {
  vi.stubGlobal("caches", undefined);
  expect(await keptItems()).toBeUndefined();
  vi.stubGlobal("caches", {
    match: async () => {
      throw new DOMException("no", "SecurityError");
    },
  });
  expect(await keptItems()).toBeUndefined();
});
