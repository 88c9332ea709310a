import { expect, test } from "vitest";
import { speaking, Taste, unheard } from "../../src/ranking/taste.ts";
import { event, seen, vector } from "./seen.ts";

const EAST = vector(1, 0);
const NORTH = vector(0, 1);
const CANDIDATES = [seen("east", { vector: EAST, category: "x" }), seen("north", { vector: NORTH }), seen("unknown")];

test("nothing is known without events", () => {
  const taste = new Taste(CANDIDATES, []);
  for (const signal of [taste.similarity(), taste.peak(), taste.overlap(), taste.repeat(), taste.categoryAffinity()]) {
    expect([...signal]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  }
});

test("events count by what was done and how lately, the peak by itself", () => {
  const taste = new Taste(CANDIDATES, [
    event({ vector: EAST, action: "purchase", order: 0 }),
    event({ vector: NORTH, action: "view", order: 1 }),
  ]);
  const purchase = 1 / (1 + 0.3 * 0.8);
  expect(taste.similarity()[0]).toBeCloseTo(purchase, 12);
  expect(taste.similarity()[1]).toBeCloseTo(1 - purchase, 12);
  expect(taste.similarity()[2]).toBeNaN();
  expect([...taste.peak()]).toEqual([1, 1, Number.NaN]);
});

test("an age halves an event's weight in a week; events of no weight say nothing", () => {
  const week = 7 * 86_400;
  const taste = new Taste(CANDIDATES, [event({ vector: EAST, ageS: week }), event({ vector: NORTH, ageS: 0 })]);
  expect(taste.similarity()[0]).toBeCloseTo(1 / 3, 12);
  expect(new Taste(CANDIDATES, [event({ vector: EAST, ageS: 1e12 })]).similarity()[0]).toBeNaN();
});

test("the very item is recognised by its id, its category by the share of events", () => {
  const taste = new Taste(CANDIDATES, [
    event({ itemId: "north", order: 2, category: "x" }),
    event({ itemId: "north", order: 0, category: "y" }),
  ]);
  expect([...taste.repeat()]).toEqual([0, 1, 0]);
  expect(taste.categoryAffinity()[0]).toBeCloseTo(0.64 / 1.64, 12);
  expect(taste.categoryAffinity()[1]).toBeNaN();
});

test("what was bought is told apart from what was seen", () => {
  const taste = new Taste(CANDIDATES, [
    event({ itemId: "east", action: "click", order: 0 }),
    event({ itemId: "north", action: "purchase", order: 1 }),
  ]);
  expect([...taste.bought()]).toEqual([0, 0, 0]); // without ages only the latest was just bought
  const bought = new Taste(CANDIDATES, [
    event({ itemId: "north", action: "purchase", order: 0 }),
    event({ itemId: "east", action: "purchase", ageS: 86_400, order: 1 }),
  ]);
  expect([...bought.bought()]).toEqual([0.5, 1, 0]);
  expect(new Taste(CANDIDATES, [event({ itemId: "east" })]).bought()[0]).toBeNaN();
});

test("events speak if anything is known of their items, or they are candidates", () => {
  const events = [
    event({ vector: EAST }),
    event({ category: "x" }),
    event({ itemId: "north" }),
    event({ itemId: "nobody" }),
    event(),
  ];
  expect(speaking(events, CANDIDATES)).toEqual(events.slice(0, 3));
});

test("the fifty latest events speak", () => {
  const old = event({ itemId: "east", ageS: 0 });
  const events = [...Array.from({ length: 50 }, () => event({ itemId: "other" })), old];
  expect(new Taste(CANDIDATES, events).repeat()[0]).toBe(0);
  expect(new Taste(CANDIDATES, events.slice(1)).repeat()[0]).toBe(1);
});

test("after fifty of a kind that may speak nobody is heard", () => {
  const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);
  expect(unheard(times(52, true), times(52, "click"))).toEqual([50, 51]);
  expect(unheard([...times(9, false), ...times(51, true)], times(60, "view"))).toEqual([59]);
  const both = times(51, ["click", "skip"] as const).flat();
  expect(unheard(times(102, true), both)).toEqual([100, 101]);
  expect(unheard([], [])).toEqual([]);
});
