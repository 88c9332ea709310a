import { expect, test } from "vitest";
import { Artifact } from "../../src/artifact/artifact.ts";
import { Core, type Features } from "../../src/core/core.ts";
import { bundledFiles } from "../bundled.ts";
import { expected, expectedLines } from "./expectations.ts";

interface Line {
  text: string;
  windows: number[][];
  truncated: boolean;
  readable: boolean;
  hashes: string;
  rarities: string;
  repetition: number;
  compounds: unknown[];
}

const artifact = await Artifact.open(await bundledFiles());
const core = await Core.load(artifact);

test("15,000 texts have the service's tokens", async () => {
  const lines = await expectedLines<Line>("texts.jsonl");
  const different = lines.filter(({ text, windows }) => core.split(text).join() !== windows.flat().join());
  const count = (wanted: (line: Line) => boolean) => lines.filter(wanted).length;
  console.info(
    `${lines.length} texts: ${count(({ windows }) => windows.length > 1)} of several windows; ` +
      `${count(({ truncated }) => truncated)} cut, ${count(({ readable }) => !readable)} unreadable, ` +
      `${count(({ compounds }) => compounds.length > 0)} with compounds, ${count(({ repetition }) => repetition > 0)} repeating themselves`,
  );
  expect(lines).toHaveLength(15_000);
  expect(different.slice(0, 20)).toEqual([]);
});

test("each tenth of them has the service's windows and words", async () => {
  const lines = (await expectedLines<Line>("texts.jsonl")).filter((_, at) => at % 10 === 0);
  const encoded = core.encode(lines.map(({ text }) => text));
  const different = lines.filter(({ windows, truncated, readable, hashes, rarities, repetition }, at) => {
    const ours = { ...wordsOf(encoded[at]!.features), ...readingOf(encoded[at]!) };
    const theirs = { windows: windows.length, hashes, rarities, repetition, truncated, readable };
    return JSON.stringify(ours) !== JSON.stringify(theirs);
  });
  expect(different.slice(0, 20)).toEqual([]);
});

test("the encoder has the service's revision", async () => {
  const { encoder_revision } = await expected<{ encoder_revision: string }>("model.json");
  expect(artifact.encoderRevision).toBe(encoder_revision);
});

/** What features say of a text's words (see `er_features` in `device/include/edge_rank.h`). */
function wordsOf(features: Features) {
  const [windows, words, repetition] = features as unknown as [number, number, number];
  const begin = 4 + windows * core.dimension;
  const hashes = Buffer.from(features.subarray(begin, begin + 2 * words)).toString("base64");
  const rarities = Buffer.from(features.subarray(begin + 2 * words)).toString("base64");
  return { windows, hashes, rarities, repetition };
}

function readingOf({ truncated, readable }: { truncated: boolean; readable: boolean }) {
  return { truncated, readable };
}
