import { beforeEach, expect, test } from "vitest";
import type { Encoded } from "../src/core/core.ts";
import { RequestError } from "../src/errors.ts";
import { featuresOf } from "../src/features/features.ts";
import { Remembered } from "../src/features/remembered.ts";
import type { FeatureStore } from "../src/features/store.ts";
import { Gatherer, type Subject, type Subjects } from "../src/gathering.ts";

const NEVER = { check: () => undefined };
const READ: Encoded = {
  vector: Float32Array.of(1, 0),
  features: Uint8Array.of(1, 0, 0, 0, 127, 0),
  query: Uint8Array.of(1, 2, 3, 4),
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

function encode(texts: readonly string[], beforeRun: () => void = () => undefined): Encoded[] {
  beforeRun();
  asked.push([...texts]);
  return texts.map((text) => ({ ...READ, readable: text !== "?" }));
}

function subject(id: string | null, text: string | null, category: string | null = null): Subject {
  return { id, text, category };
}

/** Candidates and events of a request, all of which are read. */
function subjects(candidates: readonly Subject[], events: readonly Subject[] = []): Subjects {
  return { all: [...candidates, ...events], kept: candidates.length, unread: () => [] };
}

test("each text is read once, the query among them, and counted", async () => {
  const candidates = [subject("1", "a"), subject("2", "b"), subject("3", "b")];
  const gathered = await gatherer.gather("a", subjects(candidates), NEVER, false);
  expect(asked).toEqual([["a", "b"]]);
  expect(gathered).toMatchObject({ encodedTexts: 2, tokens: 6, truncatedTexts: 2, inTime: true });
  expect(gathered.query).toBe(READ.query);
  expect(gathered.fromStore).toEqual([false, false, false]);
});

test("what is known is not read again: items by their ids, texts and queries by themselves", async () => {
  store.put("2", featuresOf(READ, "c"));
  const asks = subjects([subject("1", "a"), subject("2", null), subject("3", null)]);
  await gatherer.gather("q", asks, NEVER, false);
  const gathered = await gatherer.gather("q", asks, NEVER, false);
  expect(asked).toEqual([["a", "q"], []]);
  expect(gathered.fromStore).toEqual([true, true, false]);
  expect(gathered.features.map((one) => one?.text)).toEqual(["a", "c", undefined]);
  const others = subjects([subject("1", "changed"), subject("4", "a")]);
  expect((await gatherer.gather(null, others, NEVER, false)).fromStore).toEqual([false, true]);
});

test("a text speaks for itself, whatever the item of that id is, and changes nothing of it", async () => {
  store.put("1", featuresOf(READ, "before", "food"));
  const candidates = [subject("1", "now"), subject("2", "b", "travel"), subject("3", "b")];
  for (const fromStore of [false, true]) {
    const gathered = await gatherer.gather(null, subjects(candidates), NEVER, false);
    expect(gathered.fromStore).toEqual([fromStore, fromStore, fromStore]);
    expect(gathered.features.map((one) => [one?.text, one?.category])).toEqual([
      ["now", null],
      ["b", "travel"],
      ["b", null],
    ]);
  }
  expect(store.get("1")).toMatchObject({ text: "before", category: "food" });
  expect(store.get("2")).toBeUndefined();
  const { features } = await gatherer.gather(null, subjects([subject("1", null)]), NEVER, false);
  expect(features[0]).toMatchObject({ text: "before", category: "food" });
});

test("texts of candidates are remembered, those of a history only looked up", async () => {
  await gatherer.gather(null, subjects([subject("1", "a")], [subject("2", "b"), subject(null, "c")]), NEVER, false);
  expect(["a", "b", "c"].map((text) => remembered.texts.get(text)?.text)).toEqual(["a", undefined, undefined]);
  const again = await gatherer.gather(null, subjects([], [subject(null, "a"), subject(null, "b")]), NEVER, false);
  expect(asked).toEqual([["a", "b", "c"], ["b"]]);
  expect(again.fromStore).toEqual([true, false]);
});

test("texts that need not be looked at are not, given which items are known", async () => {
  store.put("1", featuresOf(READ, "item"));
  store.put("2", featuresOf(READ, "named beside its text"));
  let told: string[] = [];
  const unread = (known: Iterable<string>) => {
    told = [...known];
    return [2, 3];
  };
  const events = [subject("2", "b"), subject("1", "c"), subject(null, "d")];
  const asks = { ...subjects([subject("1", null)], events), unread };
  const { features } = await gatherer.gather(null, asks, NEVER, false);
  expect(told).toEqual(["1"]);
  expect(asked).toEqual([["b"]]);
  expect(features.map((one) => one?.text)).toEqual(["item", "b", "item", undefined]);
});

test("a deadline that passes before all is read leaves what is known, if that will do", async () => {
  remembered.texts.put("a", featuresOf(READ, "a"));
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
  const asks = subjects([subject("1", "a"), subject("2", "b")]);
  const gathered = await gatherer.gather("q", asks, late(), true);
  expect(gathered).toMatchObject({ inTime: false, query: null, encodedTexts: 0, tokens: 0 });
  expect(gathered.features.map((one) => one !== null)).toEqual([true, false]);
  await expect(gatherer.gather("q", asks, late(), false)).rejects.toThrow("late");
});

test("another error is not taken for a deadline", async () => {
  const fail = () => {
    throw new Error("broken");
  };
  const broken = new Gatherer({ encode: fail }, remembered);
  await expect(broken.gather("q", subjects([]), NEVER, true)).rejects.toThrow("broken");
});

test("what can't be read is counted, and neither known nor remembered", async () => {
  store.put("1", featuresOf(READ, "before"));
  const gathered = await gatherer.gather("?", subjects([subject("1", "?"), subject("2", "a")]), NEVER, false);
  expect(gathered).toMatchObject({ query: null, unreadable: [true, false], encodedTexts: 2, unreadableTexts: 1 });
  expect(gathered.features[0]).toBeNull();
  expect(store.get("1")?.text).toBe("before");
  await gatherer.gather("?", subjects([]), NEVER, false);
  expect(asked).toEqual([["?", "a"], ["?"]]);
});

test("an event that names a candidate is of the candidate's text, and of its category", async () => {
  store.put("1", featuresOf(READ, "before", "travel"));
  const events = [subject("1", null), subject("1", "b")];
  const { features } = await gatherer.gather(null, subjects([subject("1", "a", "food")], events), NEVER, false);
  expect(features.map((one) => [one?.text, one?.category])).toEqual([
    ["a", "food"],
    ["a", "food"],
    ["b", null],
  ]);
});
