import { expect, test } from "vitest";
import { Artifact } from "../../src/index.ts";
import { Ranker, situationOf } from "../../src/ranking/weights.ts";
import { bundledFiles } from "../bundled.ts";
import { artifactWith, bytesOf } from "../made.ts";

const BUNDLED = JSON.parse(new TextDecoder().decode((await bundledFiles()).get("ranker.json")));

async function rankerOf(document: unknown): Promise<Ranker> {
  return new Ranker(await Artifact.open(await artifactWith({ "ranker.json": bytesOf(JSON.stringify(document)) })));
}

test("the learned weights are of the situation, a baseline's are not", async () => {
  const ranker = await rankerOf(BUNDLED);
  expect(ranker.weights("fused", "feed")).toEqual(BUNDLED.weights.feed);
  expect(ranker.weights("dense", "feed")).toBe(ranker.weights("dense", "search"));
  expect(ranker.weights("upstream", "both")).toMatchObject({ upstream_score: 1, upstream_position: 0.001, repeat: 0 });
});

test("a query makes a search, a history a feed", () => {
  expect(situationOf(true, false)).toBe("search");
  expect(situationOf(true, true)).toBe("both");
  expect(situationOf(false, true)).toBe("feed");
  expect(situationOf(false, false)).toBe("feed");
});

test("a ranker of other signals, or of another version, is refused", async () => {
  const { repeat: _, ...others } = BUNDLED.weights.feed;
  const lacking = { ...BUNDLED, weights: { ...BUNDLED.weights, feed: others } };
  await expect(rankerOf(lacking)).rejects.toThrow("ranker.json is not valid: weights.feed.repeat: is missing");
  const more = { ...BUNDLED, weights: { ...BUNDLED.weights, both: { ...BUNDLED.weights.both, mood: 1 } } };
  await expect(rankerOf(more)).rejects.toThrow("ranker.json is not valid: weights.both.mood: is not a field");
  await expect(rankerOf({ ...BUNDLED, schema_version: 1 })).rejects.toThrow("ranker.json is not valid: schema_version");
});
