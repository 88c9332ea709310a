import { expect, test } from "vitest";
import { Artifact } from "../../src/artifact/artifact.ts";
import { IDEOGRAPHS, MARKS, PUNCTUATION, REMOVED } from "../../src/encoder/characters.ts";
import { Lexicon } from "../../src/encoder/terms.ts";
import { WordPieceTokenizer } from "../../src/encoder/wordpiece.ts";
import { bundledFiles } from "../bundled.ts";
import { expected, expectedLines } from "./expectations.ts";

type Ranges = [first: number, last: number][];
type Kind = "removed" | "blank" | "ideograph" | "mark" | "punctuation";

interface Line {
  text: string;
  ids: number[];
  truncated: boolean;
  hashes: string;
  rarities: string;
}

test("10,000 texts have the service's pieces and words", async () => {
  const artifact = await Artifact.open(await bundledFiles());
  const tokenizer = new WordPieceTokenizer(artifact);
  const lexicon = new Lexicon(tokenizer.pieces);
  const lines = await expectedLines<Line>("texts.jsonl");
  const different = lines.filter(({ text, ids, truncated, hashes, rarities }) => {
    const pieces = tokenizer.encode(text);
    const terms = lexicon.terms(pieces.words);
    return (
      pieces.ids.join() !== ids.join() ||
      pieces.truncated !== truncated ||
      base64(terms.hashes) !== hashes ||
      base64(terms.rarities) !== rarities
    );
  });
  expect(lines).toHaveLength(10_000);
  expect(different).toEqual([]);
});

test("every character of Unicode is of the kind that the service's tokenizer takes it for", async () => {
  const kinds = await expected<Record<Kind, Ranges>>("characters.json");
  const rules: Record<Kind, RegExp> = {
    removed: REMOVED,
    blank: /\s/,
    ideograph: IDEOGRAPHS,
    mark: MARKS,
    punctuation: PUNCTUATION,
  };
  for (const [kind, rule] of Object.entries(rules)) {
    expect(rangesOf(rule, kind === "blank"), kind).toEqual(kinds[kind as Kind]);
  }
});

/** Ranges of code points that a rule takes as a whole; of blanks, those that are not removed before. */
function rangesOf(rule: RegExp, kept: boolean): Ranges {
  const whole = new RegExp(`^(?:${rule.source})$`, rule.flags.replace("g", ""));
  const removed = new RegExp(`^(?:${REMOVED.source})$`);
  const ranges: Ranges = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    if ((point >= 0xd800 && point < 0xe000) || !whole.test(character) || (kept && removed.test(character))) {
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

/** Of the bytes as they lie in memory, little-endian. */
function base64(numbers: Uint8Array | Uint16Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}
