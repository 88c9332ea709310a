import { expect, test } from "vitest";
import { WordPieceTokenizer } from "../../src/encoder/wordpiece.ts";
import { Artifact } from "../../src/index.ts";
import { artifactWith, bytesOf } from "../made.ts";

const PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "split", "##s", "bill", "b", "##i"];
const MODEL = { vocabulary_size: PIECES.length, dimension: 288, max_length: 5 };

async function tokenizerOf(pieces: readonly string[], model = MODEL): Promise<WordPieceTokenizer> {
  const files = await artifactWith({ "vocab.txt": bytesOf(`${pieces.join("\n")}\n`) }, { model });
  return new WordPieceTokenizer(await Artifact.open(files));
}

test("the longest piece is taken, and a word that can't be made of pieces is unknown as a whole", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  expect(tokenizer.encode("splits bill").ids).toEqual([2, 4, 5, 6, 3]);
  expect(tokenizer.encode("bis billx").ids).toEqual([2, 7, 8, 5, 3]);
  expect(tokenizer.encode("billx b").ids).toEqual([2, 1, 7, 3]);
  expect(tokenizer.encode("").ids).toEqual([2, 3]);
});

test("a long text is cut before the last mark, and a few times as much is kept for words", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  const pieces = tokenizer.encode("b ".repeat(100));
  expect(pieces.ids).toEqual([2, 7, 7, 7, 3]);
  expect(pieces.words).toHaveLength(12);
  expect(pieces.truncated).toBe(true);
  expect(tokenizer.encode("b b b").truncated).toBe(false);
});

test("of a text the first 8,192 characters are read", async () => {
  const tokenizer = await tokenizerOf(PIECES);
  expect(tokenizer.encode(`${" ".repeat(8191)}b b`)).toEqual({ ids: [2, 7, 3], words: [7], truncated: true });
});

test("a vocabulary that is not what the manifest states is refused", async () => {
  await expect(tokenizerOf(PIECES.slice(1))).rejects.toThrow("vocab.txt has 8 pieces, the manifest states 9");
  await expect(tokenizerOf([...PIECES.slice(0, 8), "b"])).rejects.toThrow("vocab.txt repeats a piece");
  await expect(tokenizerOf(["[X]", ...PIECES.slice(1)])).rejects.toThrow("vocab.txt lacks [PAD]");
  const files = await artifactWith({ "vocab.txt": new Uint8Array([0xff]) });
  const artifact = await Artifact.open(files);
  expect(() => new WordPieceTokenizer(artifact)).toThrow("vocab.txt is not UTF-8");
});
