import { expect, test } from "vitest";
import { WordPieceTokenizer } from "../../src/encoder/wordpiece.ts";
import { Artifact } from "../../src/index.ts";
import { artifactWith, bytesOf } from "../made.ts";

const PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "split", "##s", "bill", "b", "##i"];
const MODEL = { vocabulary_size: PIECES.length, dimension: 288, max_length: 5 };

async function tokenizerOf(pieces: readonly string[], model = MODEL, mostWindows = 8): Promise<WordPieceTokenizer> {
  const files = await artifactWith({ "vocab.txt": bytesOf(`${pieces.join("\n")}\n`) }, { model });
  return new WordPieceTokenizer(await Artifact.open(files), mostWindows);
}

test("the longest piece is taken, and a word that can't be made of pieces is unknown as a whole", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  expect(tokenizer.encode("splits bill").windows).toEqual([[2, 4, 5, 6, 3]]);
  expect(tokenizer.encode("bis").windows).toEqual([[2, 7, 8, 5, 3]]);
  expect(tokenizer.encode("billx b").windows).toEqual([[2, 1, 7, 3]]);
  expect(tokenizer.encode("").windows).toEqual([[2, 3]]);
});

test("a long text is read in windows, and cut after the last", async () => {
  const tokenizer = await tokenizerOf(PIECES, MODEL, 2);
  expect(tokenizer.encode("b split bill split b")).toMatchObject({
    windows: [
      [2, 7, 4, 6, 3],
      [2, 6, 4, 7, 3],
    ],
    words: [7, 4, 6, 4, 7],
    truncated: false,
  });
  expect(tokenizer.encode("b split bill split b bill b")).toMatchObject({ words: [7, 4, 6, 4, 7, 6], truncated: true });
});

test("what is said over and over is read once", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  expect(tokenizer.encode("bill ".repeat(100))).toMatchObject({ windows: [[2, 6, 3]], truncated: false });
});

test("a text is readable if any piece of it is known", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  expect(tokenizer.encode("夕 b").readable).toBe(true);
  expect(tokenizer.encode("夕 食").readable).toBe(false);
  expect(tokenizer.encode("&nbsp;").readable).toBe(false);
});

test("of a text the first 8,192 characters are read", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  expect(tokenizer.encode(`${" ".repeat(8191)}b b`)).toMatchObject({
    windows: [[2, 7, 3]],
    words: [7],
    truncated: true,
  });
});

test("a vocabulary that is not what the manifest states is refused", async () => {
  await expect(tokenizerOf(PIECES.slice(1))).rejects.toThrow("vocab.txt has 8 pieces, the manifest states 9");
  await expect(tokenizerOf([...PIECES.slice(0, 8), "b"])).rejects.toThrow("vocab.txt repeats a piece");
  await expect(tokenizerOf(["[X]", ...PIECES.slice(1)])).rejects.toThrow("vocab.txt lacks [PAD]");
  const files = await artifactWith({ "vocab.txt": new Uint8Array([0xff]) });
  const artifact = await Artifact.open(files);
  expect(() => new WordPieceTokenizer(artifact)).toThrow("vocab.txt is not UTF-8");
});
