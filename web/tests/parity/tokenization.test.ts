import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Artifact } from "../../src/artifact/artifact.ts";
import {
  COMPATIBILITY,
  CONTROLS,
  IDEOGRAPHS,
  MARKS,
  PUNCTUATION,
  REMOVED,
  SUPERSCRIPT_DIGITS,
  SYMBOLS,
} from "../../src/encoder/characters.ts";
import { unescaped } from "../../src/encoder/entities.ts";
import { Lexicon, type Terms } from "../../src/encoder/terms.ts";
import { WordPieceTokenizer } from "../../src/encoder/wordpiece.ts";
import { Splitter } from "../../src/encoder/words.ts";
import { bundledFiles } from "../bundled.ts";
import { expected, expectedLines } from "./expectations.ts";

type Ranges = [first: number, last: number][];

interface Line {
  text: string;
  windows: number[][];
  truncated: boolean;
  readable: boolean;
  hashes: string;
  rarities: string;
  repetition: number;
  compounds: Terms["compounds"];
}

const BLOCK = 64;
const RULES: Readonly<Record<string, RegExp>> = {
  removed: REMOVED,
  blank: /\s/,
  ideograph: IDEOGRAPHS,
  mark: MARKS,
  punctuation: PUNCTUATION,
  control: CONTROLS,
  compatibility: COMPATIBILITY,
  power: SUPERSCRIPT_DIGITS,
  symbol: SYMBOLS,
};

const artifact = await Artifact.open(await bundledFiles());
const tokenizer = new WordPieceTokenizer(artifact);

test("15,000 texts have the service's windows and words", async () => {
  const lexicon = new Lexicon(tokenizer.pieces, (text) => tokenizer.normalized(text));
  const lines = await expectedLines<Line>("texts.jsonl");
  const different = lines.filter(({ text, ...wanted }) => {
    const { windows, words, truncated, readable, text: read } = tokenizer.encode(text);
    const { hashes, rarities, repetition, compounds } = lexicon.terms(words, read);
    const ours = {
      windows,
      truncated,
      readable,
      hashes: base64(hashes),
      rarities: base64(rarities),
      repetition,
      compounds,
    };
    return JSON.stringify(ours) !== JSON.stringify(wanted);
  });
  const numbers = lines.map(({ windows }) => windows.length);
  const count = (wanted: (line: Line) => boolean) => lines.filter(wanted).length;
  console.info(
    `${lines.length} texts: ${count(({ windows }) => windows.length > 1)} of several windows, ${Math.max(...numbers)} at most; ` +
      `${count(({ truncated }) => truncated)} cut, ${count(({ readable }) => !readable)} unreadable, ` +
      `${count(({ compounds }) => compounds.length > 0)} with compounds, ${count(({ repetition }) => repetition > 0)} repeating themselves`,
  );
  expect(lines).toHaveLength(15_000);
  expect(different.slice(0, 20)).toEqual([]);
});

test("every character of Unicode is of the kind that the service takes it for", async () => {
  const kinds = await expected<Record<string, Ranges>>("characters.json");
  expect(Object.keys(RULES)).toEqual(Object.keys(kinds));
  for (const [kind, rule] of Object.entries(RULES)) {
    expect(rangesOf(rule, kind === "blank"), kind).toEqual(kinds[kind]);
  }
});

test("every character of Unicode, alone, between letters and between digits, is split as the service splits it", async () => {
  const splits = await expected<Record<string, string[]>>("splits.json");
  expect(Object.keys(splits)).toEqual(["1", "2"]);
  for (const version of [1, 2] as const) {
    const splitter = new Splitter({ ...artifact.manifest.tokenizer, version }, tokenizer.pieces);
    const different = splits[version]!.flatMap((digest, block) => {
      const words = splitter.words(textOf(block * BLOCK)).join("\0");
      const ours = createHash("sha256").update(words).digest("hex").slice(0, digest.length);
      return ours === digest ? [] : [(block * BLOCK).toString(16)];
    });
    expect(different, `blocks of ${BLOCK} characters, version ${version}`).toEqual([]);
  }
});

test("every entity that has a name stands for the service's character", async () => {
  const points = await expected<Record<string, number>>("entities.json");
  expect(Object.keys(points)).toHaveLength(253);
  for (const [name, point] of Object.entries(points)) {
    expect(unescaped(`&${name};`), name).toBe(String.fromCodePoint(point));
  }
});

test("the encoder has the service's revision", async () => {
  const { encoder_revision } = await expected<{ encoder_revision: string }>("model.json");
  expect(artifact.encoderRevision).toBe(encoder_revision);
});

/** The text of a block of characters that the service split. */
function textOf(first: number): string {
  const parts: string[] = [];
  for (let point = first; point < first + BLOCK; point++) {
    if (!isSurrogate(point)) {
      const one = String.fromCodePoint(point);
      parts.push(one, `a${one}a`, `5${one}5`);
    }
  }
  return parts.join(" ");
}

/** Ranges of code points that a rule takes as a whole; of blanks, those that are not removed before. */
function rangesOf(rule: RegExp, kept: boolean): Ranges {
  const whole = new RegExp(`^(?:${rule.source})$`, rule.flags.replace("g", ""));
  const removed = new RegExp(`^(?:${REMOVED.source})$`);
  const ranges: Ranges = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    if (isSurrogate(point) || !whole.test(character) || (kept && removed.test(character))) {
      continue;
    }
    const last = ranges.at(-1);
    if (last?.[1] === point - 1) {
      last[1] = point;
    } else {
      ranges.push([point, point]);
    }
  }
  return ranges;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point < 0xe000;
}

/** Of the bytes as they lie in memory, little-endian. */
function base64(numbers: Uint8Array | Uint16Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}
