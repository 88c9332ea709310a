import { expect, test } from "vitest";
import { type Happened, toldAt, withEvent, withoutItem } from "../src/history.ts";

const CLICK: Happened = { item: "taxi", action: "click", at: 1000 };
const SKIP: Happened = { item: "coffee", action: "skip", at: 4000 };

test("the latest event comes first", () => {
  expect(withEvent([CLICK], SKIP)).toEqual([SKIP, CLICK]);
});

test("what was done with the same item before no longer counts", () => {
  const skipped: Happened = { item: "taxi", action: "skip", at: 5000 };
  expect(withEvent([SKIP, CLICK], skipped)).toEqual([skipped, SKIP]);
});

test("only as many events are kept as speak", () => {
  const many = Array.from({ length: 60 }, (_, at): Happened => ({ item: `i${at}`, action: "click", at }));
  const kept = many.reduce<Happened[]>((history, event) => withEvent(history, event), []);
  expect(kept).toHaveLength(50);
  expect(kept[0]?.item).toBe("i59");
});

test("an event can be taken back", () => {
  expect(withoutItem([SKIP, CLICK], "coffee")).toEqual([CLICK]);
});

test("a ranker is told how many seconds ago it was, never a time to come", () => {
  expect(toldAt([SKIP, CLICK], 3500)).toEqual([
    { item_id: "coffee", action: "skip", age_s: 0 },
    { item_id: "taxi", action: "click", age_s: 3 },
  ]);
});
