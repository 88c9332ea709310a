import { expect, test } from "vitest";
import { rankRequest } from "../src/request.ts";

const ITEMS = [
  { id: "taxi", title: "Taxi", text: "Taxi. Call a car." },
  { id: "split", title: "Split a bill", text: "Split a bill." },
];

test("what says nothing is left out", () => {
  expect(rankRequest("  ", [], ITEMS, 10, 0)).toEqual({
    candidates: [{ id: "taxi" }, { id: "split" }],
    options: { top_n: 10, explain: true },
  });
});

test("a query comes without the spaces around it, a history with its ages", () => {
  const request = rankRequest(" split a bill ", [{ item: "taxi", action: "skip", at: 0 }], ITEMS, 1, 2000);
  expect(request.query).toBe("split a bill");
  expect(request.user).toEqual({ history: [{ item_id: "taxi", action: "skip", age_s: 2 }] });
});
