/** BERT's tokenizer, built from the artifact's vocabulary and rules alone. */

import type { Artifact } from "../artifact/artifact.ts";
import { textOf, VOCABULARY } from "../artifact/files.ts";
import { ArtifactError } from "../errors.ts";
import { prepared } from "./text.ts";
import { capacity, MOST_WINDOWS, windowsOf, withoutRepetition } from "./windows.ts";
import { Splitter } from "./words.ts";

export const PAD = "[PAD]";
export const UNKNOWN = "[UNK]";
export const START = "[CLS]";
export const END = "[SEP]";
export const MARKS_OF_MODEL = [PAD, UNKNOWN, START, END] as const;

const CONTINUES = "##";
const LONGEST_WORD = 100;

/** What the tokenizer makes of a text. */
export interface Tokenized {
  /** What the model reads in turn, the marks at both ends included; one at least. */
  readonly windows: readonly (readonly number[])[];
  /** The ids of all windows, each once, without marks. */
  readonly words: readonly number[];
  /** Whether there was more than the windows hold. */
  readonly truncated: boolean;
  /** Whether the vocabulary knows any piece of it. */
  readonly readable: boolean;
  /** What was split. */
  readonly text: string;
}

/** Splits texts into pieces. Marks such as `[SEP]` in a text are read as the characters they are. */
export class WordPieceTokenizer {
  readonly pieces: readonly string[];
  readonly padId: number;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #splitter: Splitter;
  readonly #room: number;
  readonly #mostWindows: number;
  readonly #longestPiece: number;

  /**
   * @param mostWindows Of a text that is longer than the model reads at once.
   * @throws {ArtifactError} The vocabulary lacks a mark, repeats a piece, or has another size than the manifest states.
   */
  constructor(artifact: Artifact, mostWindows = MOST_WINDOWS) {
    this.pieces = readVocabulary(artifact);
    this.#ids = new Map(this.pieces.map((piece, id) => [piece, id]));
    this.#splitter = new Splitter(artifact.manifest.tokenizer, this.pieces);
    this.#mostWindows = mostWindows;
    this.#room = artifact.manifest.model.max_length - 2;
    this.#longestPiece = this.pieces.reduce((longest, piece) => Math.max(longest, piece.length), 0);
    check(this.pieces, this.#ids, artifact.manifest.model.vocabulary_size);
    this.padId = this.#id(PAD);
  }

  /** Split the first characters of a text. */
  encode(text: string): Tokenized {
    const read = prepared(text);
    const pieces: number[] = [];
    for (const word of this.#splitter.words(read.text)) {
      this.#append(word, pieces);
    }
    const unknown = this.#id(UNKNOWN);
    const said = withoutRepetition(pieces, unknown);
    const words = said.slice(0, capacity(this.#room, this.#mostWindows));
    return {
      windows: windowsOf(words, this.#room).map((ids) => [this.#id(START), ...ids, this.#id(END)]),
      words,
      truncated: read.cut || words.length < said.length,
      readable: words.some((id) => id !== unknown),
      text: read.text,
    };
  }

  /** A text as pieces spell it. */
  normalized(text: string): string {
    return this.#splitter.normalized(text);
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
