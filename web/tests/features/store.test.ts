import { expect, test } from "vitest";
import type { Features } from "../../src/features/features.ts";
import { FeatureStore } from "../../src/features/store.ts";

function features(text: string): Features {
  return { text, bytes: new Uint8Array(), category: null };
}

test("a pinned item stays, whatever else comes, with its new features", () => {
  const store = new FeatureStore();
  store.put("a", features("before"));
  store.pin("a", features("pinned"));
  for (let item = 0; item <= 50_000; item++) {
    store.put(`item-${item}`, features("other"));
  }
  expect(store.get("a")?.text).toBe("pinned");
  expect(store.get("item-0")).toBeUndefined();
  store.put("a", features("after"));
  expect(store.get("a")?.text).toBe("after");
  expect(store.pinned("a")?.text).toBe("after");
  expect(store.pinned("item-1")).toBeUndefined();
});

test("what is deleted is gone, a pinned item too", () => {
  const store = new FeatureStore();
  store.pin("a", features("pinned"));
  store.put("b", features("other"));
  store.delete("a");
  store.delete("b");
  expect([store.get("a"), store.get("b")]).toEqual([undefined, undefined]);
});
