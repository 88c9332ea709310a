import { expect, test } from "vitest";
import { RequestError } from "../../src/errors.ts";
import { readDocument, written } from "../../src/history/document.ts";
import type { RecordedEvent } from "../../src/history/event.ts";

const EVENTS: RecordedEvent[] = [
  { at: 1_700_000_000_000, item_id: "tea", action: "view", text: "Tea", category: "food" },
  { at: 1_700_000_060_000, item_id: "taxi", action: "skip" },
];

test("an export is JSON with the latest event first, and is read again", () => {
  const json = written(EVENTS, 1_700_000_100_000);
  expect(JSON.parse(json)).toEqual({
    format: "edge-rank-history",
    version: 1,
    exported_at: "2023-11-14T22:15:00.000Z",
    events: [
      { at: "2023-11-14T22:14:20.000Z", item_id: "taxi", action: "skip" },
      { at: "2023-11-14T22:13:20.000Z", item_id: "tea", action: "view", text: "Tea", category: "food" },
    ],
  });
  expect(json.split("\n").length).toBeGreaterThan(5);
  expect(readDocument(json)).toEqual(EVENTS);
});

const EVENT = { at: "2023-11-14T22:14:20.000Z", item_id: "taxi", action: "skip" };

test.each<[string, unknown, string?]>([
  ["something else", { format: "cookies", version: 1, events: [] }, "format"],
  ["a later version", { format: "edge-rank-history", version: 2, events: [] }, "version"],
  ["no list of events", { format: "edge-rank-history", version: 1, events: {} }, "events"],
  ["an event without an item", eventsOf({ ...EVENT, item_id: undefined }), "events[0].item_id"],
  ["an item with too long an id", eventsOf({ ...EVENT, item_id: "secret".repeat(99) }), "events[0].item_id"],
  ["an action that is none", eventsOf({ ...EVENT, action: "secret" }), "events[0].action"],
  ["a time that is none", eventsOf({ ...EVENT, at: "secret" }), "events[0].at"],
  ["a time before all clocks", eventsOf({ ...EVENT, at: "1500-01-01T00:00:00Z" }), "events[0].at"],
  ["more than is recorded", eventsOf({ ...EVENT, secret: 1 }), "events[0].secret"],
  ["a number", 1, "body"],
])("%s is refused, and not repeated", (_, document, field) => {
  const refusal = refused(JSON.stringify(document));
  expect(refusal.details.map((detail) => detail.field)).toContain(field);
  expect(JSON.stringify(refusal.details.map(({ message }) => message))).not.toContain("secret");
});

test("what is not JSON is refused", () => {
  expect(refused("{secret").message).toBe("the file is not valid: it is not JSON");
});

function eventsOf(...events: unknown[]) {
  return { format: "edge-rank-history", version: 1, events };
}

function refused(json: string): RequestError {
  try {
    readDocument(json);
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return error as RequestError;
  }
  throw new Error("it was not refused");
}
