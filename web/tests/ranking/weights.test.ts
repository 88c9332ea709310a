import { expect, test } from "vitest";
import { Artifact, SIGNALS } from "../../src/index.ts";
import { Ranker, situationOf } from "../../src/ranking/weights.ts";
import { bundledFiles } from "../bundled.ts";
import { artifactWith, bytesOf } from "../made.ts";

const BUNDLED = JSON.parse(new TextDecoder().decode((await bundledFiles()).get("ranker.json")));

async function rankerOf(document: unknown): Promise<Ranker> {
  return new Ranker(await Artifact.open(await artifactWith({ "ranker.json": bytesOf(JSON.stringify(document)) })));
}

test("the learned weights are of the situation, a baseline's are not", async () => {
  const ranker = await rankerOf(BUNDLED);
  expect(ranker.weights("fused", "feed")).toMatchObject(BUNDLED.weights.feed);
  expect(ranker.weights("dense", "feed")).toBe(ranker.weights("dense", "search"));
  expect(ranker.weights("upstream", "both")).toMatchObject({ upstream_score: 1, upstream_position: 0.001, repeat: 0 });
});

test("a query makes a search, a history a feed", () => {
  expect(situationOf(true, false)).toBe("search");
  expect(situationOf(true, true)).toBe("both");
  expect(situationOf(false, true)).toBe("feed");
  expect(situationOf(false, false)).toBe("feed");
});

test("a signal that is not named weighs nothing, as in a file from before it was thought of", async () => {
  const { left_out: _, ...before } = { ...BUNDLED, schema_version: 2 };
  const ranker = await rankerOf({ ...before, weights: { ...BUNDLED.weights, feed: { repeat: -1 } } });
  const { repeat, ...others } = ranker.weights("fused", "feed");
  expect(repeat).toBe(-1);
  expect(Object.values(others)).toEqual(new Array(SIGNALS.length - 1).fill(0));
});

test("a ranker of other signals, of another version, or of weights beyond a million, is refused", async () => {
  const more = { ...BUNDLED, weights: { ...BUNDLED.weights, both: { ...BUNDLED.weights.both, mood: 1 } } };
  await expect(rankerOf(more)).rejects.toThrow("ranker.json is not valid: weights.both.mood: is not a field");
  await expect(rankerOf({ ...BUNDLED, schema_version: 1 })).rejects.toThrow("ranker.json is not valid: schema_version");
  const heavy = { ...BUNDLED, weights: { ...BUNDLED.weights, feed: { repeat: -1_000_001 } } };
  await expect(rankerOf(heavy)).rejects.toThrow("weights.feed.repeat: must be at least -1000000");
});
