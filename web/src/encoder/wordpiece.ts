/** BERT's tokenizer, built from the artifact's vocabulary and rules alone. */

import type { Artifact } from "../artifact/artifact.ts";
import { textOf, VOCABULARY } from "../artifact/files.ts";
import type { TokenizerRules } from "../artifact/manifest.ts";
import { ArtifactError } from "../errors.ts";
import { head, MAX_CHARACTERS, sanitized } from "./text.ts";
import { split } from "./words.ts";

export const PAD = "[PAD]";
export const UNKNOWN = "[UNK]";
export const START = "[CLS]";
export const END = "[SEP]";
export const MARKS_OF_MODEL = [PAD, UNKNOWN, START, END] as const;

const CONTINUES = "##";
const LONGEST_WORD = 100;
const MORE_CHUNKS = 3;

/** What the tokenizer makes of a text. */
export interface Pieces {
  /** What the model reads: at most its length, the marks at both ends included. */
  readonly ids: readonly number[];
  /** The ids without marks, and of what was cut off a few times as much again. */
  readonly words: readonly number[];
  /** Whether there was more than the model reads. */
  readonly truncated: boolean;
}

/** Splits texts into pieces. Marks such as `[SEP]` in a text are read as the characters they are. */
export class WordPieceTokenizer {
  readonly pieces: readonly string[];
  readonly padId: number;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #rules: TokenizerRules;
  readonly #room: number;
  readonly #longestPiece: number;

  /** @throws {ArtifactError} The vocabulary lacks a mark, repeats a piece, or has another size than the manifest states. */
  constructor(artifact: Artifact) {
    this.pieces = readVocabulary(artifact);
    this.#ids = new Map(this.pieces.map((piece, id) => [piece, id]));
    this.#rules = artifact.manifest.tokenizer;
    this.#room = artifact.manifest.model.max_length - 2;
    this.#longestPiece = this.pieces.reduce((longest, piece) => Math.max(longest, piece.length), 0);
    check(this.pieces, this.#ids, artifact.manifest.model.vocabulary_size);
    this.padId = this.#id(PAD);
  }

  /** Split the first `MAX_CHARACTERS` of a text. */
  encode(text: string): Pieces {
    const read = head(sanitized(text), MAX_CHARACTERS);
    const pieces: number[] = [];
    for (const word of split(read.text, this.#rules)) {
      this.#append(word, pieces);
    }
    return {
      ids: [this.#id(START), ...pieces.slice(0, this.#room), this.#id(END)],
      words: pieces.slice(0, this.#room * (1 + MORE_CHUNKS)),
      truncated: read.cut || pieces.length > this.#room,
    };
  }

  /** The longest piece that a word begins with, then the longest of what is left, and so on; else the unknown one. */
  #append(word: string, pieces: number[]): void {
    const before = pieces.length;
    let start = 0;
    while (start < word.length) {
      const [id, end] = this.#longest(word, start);
      if (id === undefined || (start === 0 && [...word].length > LONGEST_WORD)) {
        pieces.length = before;
        pieces.push(this.#id(UNKNOWN));
        return;
      }
      pieces.push(id);
      start = end;
    }
  }

  #longest(word: string, start: number): [id: number | undefined, end: number] {
    const prefix = start > 0 ? CONTINUES : "";
    for (let end = Math.min(word.length, start + this.#longestPiece); end > start; end--) {
      const id = this.#ids.get(prefix + word.slice(start, end));
      if (id !== undefined) {
        return [id, end];
      }
    }
    return [undefined, start];
  }

  #id(piece: string): number {
    return this.#ids.get(piece)!;
  }
}

function readVocabulary(artifact: Artifact): string[] {
  try {
    return textOf(artifact.file(VOCABULARY)).replace(/\n$/, "").split("\n");
  } catch (error) {
    throw error instanceof ArtifactError ? error : new ArtifactError(`${VOCABULARY} is not UTF-8`, { cause: error });
  }
}

function check(pieces: readonly string[], ids: ReadonlyMap<string, number>, stated: number): void {
  if (ids.size !== pieces.length) {
    throw new ArtifactError(`${VOCABULARY} repeats a piece`);
  }
  if (pieces.length !== stated) {
    throw new ArtifactError(`${VOCABULARY} has ${pieces.length} pieces, the manifest states ${stated}`);
  }
  for (const mark of MARKS_OF_MODEL) {
    if (!ids.has(mark)) {
      throw new ArtifactError(`${VOCABULARY} lacks ${mark}`);
    }
  }
}
