import { beforeEach, expect, test } from "vitest";
import type { Encoded } from "../src/encoder/encoder.ts";
import { NO_TERMS } from "../src/encoder/terms.ts";
import { RequestError } from "../src/errors.ts";
import { featuresOf } from "../src/features/features.ts";
import { Remembered } from "../src/features/remembered.ts";
import type { FeatureStore } from "../src/features/store.ts";
import { Gatherer, type Subject } from "../src/gathering.ts";

const NEVER = { check: () => undefined };
const VECTOR = Float32Array.of(1, 0);
const READ: Encoded = {
  vector: VECTOR,
  windows: [VECTOR],
  terms: NO_TERMS,
  tokens: 3,
  truncated: true,
  readable: true,
};

let asked: string[][];
let remembered: Remembered;
let store: FeatureStore;
let gatherer: Gatherer;

beforeEach(() => {
  asked = [];
  remembered = new Remembered();
  store = remembered.items;
  gatherer = new Gatherer({ encode }, remembered);
});

async function encode(texts: readonly string[], beforeRun: () => void = () => undefined): Promise<Encoded[]> {
  beforeRun();
  asked.push([...texts]);
  return texts.map((text) => ({ ...READ, readable: text !== "?" }));
}

function subject(id: string | null, text: string | null, more: Partial<Subject> = {}): Subject {
  return { id, text, category: null, kept: true, ...more };
}

test("each text is read once, the query among them, and counted", async () => {
  const gathered = await gatherer.gather("a", [subject("1", "a"), subject("2", "b"), subject("3", "b")], NEVER, false);
  expect(asked).toEqual([["a", "b"]]);
  expect(gathered).toMatchObject({ encodedTexts: 2, tokens: 6, truncatedTexts: 2, inTime: true });
  expect(gathered.query).toEqual({ vector: READ.vector, terms: READ.terms });
  expect(gathered.fromStore).toEqual([false, false, false]);
});

test("what is known is not read again: items by their ids and texts, queries by their texts", async () => {
  const subjects = [subject("1", "a"), subject("2", null)];
  await gatherer.gather("q", subjects, NEVER, false);
  const gathered = await gatherer.gather("q", subjects, NEVER, false);
  expect(asked).toEqual([["a", "q"], []]);
  expect(gathered.fromStore).toEqual([true, false]);
  expect(gathered.features[1]).toBeNull();
  expect((await gatherer.gather(null, [subject("1", "changed")], NEVER, false)).fromStore).toEqual([false]);
});

test("only what is to be kept is remembered, with the category that was known", async () => {
  store.put("1", featuresOf(READ, "before", "food"));
  const subjects = [subject("1", "now"), subject("2", "b", { kept: false }), subject(null, "c")];
  const { features } = await gatherer.gather(null, subjects, NEVER, false);
  expect(features.map((one) => one?.category)).toEqual(["food", null, null]);
  expect(store.get("1")).toMatchObject({ text: "now", category: "food" });
  expect(store.get("2")).toBeUndefined();
});

test("a deadline that passes before all is read leaves what is known, if that will do", async () => {
  store.put("1", featuresOf(READ, "a", null));
  const late = () => {
    let checks = 0;
    return {
      check: () => {
        checks++;
        if (checks > 1) {
          throw new RequestError("deadline_exceeded", "late");
        }
      },
    };
  };
  const subjects = [subject("1", "a"), subject("2", "b")];
  const gathered = await gatherer.gather("q", subjects, late(), true);
  expect(gathered).toMatchObject({ inTime: false, query: null, encodedTexts: 0, tokens: 0 });
  expect(gathered.features.map((one) => one !== null)).toEqual([true, false]);
  await expect(gatherer.gather("q", subjects, late(), false)).rejects.toThrow("late");
});

test("another error is not taken for a deadline", async () => {
  const broken = new Gatherer({ encode: () => Promise.reject(new Error("broken")) }, remembered);
  await expect(broken.gather("q", [], NEVER, true)).rejects.toThrow("broken");
});

test("what can't be read is counted, and neither known nor remembered", async () => {
  store.put("1", featuresOf(READ, "before", null));
  const gathered = await gatherer.gather("?", [subject("1", "?"), subject("2", "a")], NEVER, false);
  expect(gathered).toMatchObject({ query: null, unreadable: [true, false], encodedTexts: 2, unreadableTexts: 1 });
  expect(gathered.features[0]).toBeNull();
  expect(store.get("1")?.text).toBe("before");
  await gatherer.gather("?", [], NEVER, false);
  expect(asked).toEqual([["?", "a"], ["?"]]);
});

test("an event that names a candidate is of the candidate's text", async () => {
  const events = [subject("1", null, { kept: false }), subject("1", "b", { kept: false })];
  const { features } = await gatherer.gather(null, [subject("1", "a", { category: "food" }), ...events], NEVER, false);
  expect(features.map((one) => [one?.text, one?.category])).toEqual([
    ["a", "food"],
    ["a", "food"],
    ["b", null],
  ]);
});
