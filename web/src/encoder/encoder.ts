/** The student: texts in, unit vectors and terms out. */

import type { Artifact } from "../artifact/artifact.ts";
import { MODEL } from "../artifact/files.ts";
import { ArtifactError } from "../errors.ts";
import { meanDirection } from "../numbers.ts";
import { planBatches } from "./batching.ts";
import { checkFinite } from "./finite.ts";
import { Graph, type WasmPaths } from "./graph.ts";
import { Lexicon, type Terms } from "./terms.ts";
import { WordPieceTokenizer } from "./wordpiece.ts";

const RUN_TOKENS = 256;
const LENGTH_TOLERANCE = 1e-3;

export interface EncoderOptions {
  /** Where ONNX Runtime's WebAssembly file lies; by default, beside the script. */
  readonly wasmPaths?: WasmPaths | undefined;
  /** Parts of a long text that are read, 8 by default; what follows them is not. */
  readonly mostWindows?: number | undefined;
}

/** What is known of a text. */
export interface Encoded {
  /** Float32, `[dimension]`, of unit length: the direction of the mean of the windows. */
  readonly vector: Float32Array;
  /** One where the model reads the text at once, more where it is longer; of unit length each. */
  readonly windows: readonly Float32Array[];
  readonly terms: Terms;
  /** Pieces that the model read, the marks at both ends of each window included. */
  readonly tokens: number;
  /** Whether the text was longer than all its windows. */
  readonly truncated: boolean;
  /** Whether the vocabulary knows any piece of the text; the windows of one that it does not know say nothing. */
  readonly readable: boolean;
}

/** Embeds texts with an artifact's graph. */
export class Encoder {
  readonly dimension: number;
  readonly #graph: Graph;
  readonly #tokenizer: WordPieceTokenizer;
  readonly #lexicon: Lexicon;

  private constructor(graph: Graph, tokenizer: WordPieceTokenizer, dimension: number) {
    this.#graph = graph;
    this.#tokenizer = tokenizer;
    this.#lexicon = new Lexicon(tokenizer.pieces, (text) => tokenizer.normalized(text));
    this.dimension = dimension;
  }

  /**
   * Load the graph and embed one text with it, so that the first request finds it warm.
   *
   * @throws {ArtifactError} The graph or the vocabulary is not what the manifest states, or the graph holds numbers that
   *   are not finite.
   */
  static async open(artifact: Artifact, options: EncoderOptions = {}): Promise<Encoder> {
    const tokenizer = new WordPieceTokenizer(artifact, options.mostWindows);
    const graph = await Graph.open(artifact, options.wasmPaths);
    try {
      checkFinite(artifact.file(MODEL));
      const { dimension } = artifact.manifest.model;
      await check(graph, tokenizer, dimension);
      return new Encoder(graph, tokenizer, dimension);
    } catch (error) {
      await graph.release();
      throw error;
    }
  }

  /**
   * Embed texts; they share as few runs as the budget of a run's tokens allows.
   *
   * @param beforeRun Called before each run; what it throws ends the work.
   */
  async encode(texts: readonly string[], beforeRun: () => void = () => undefined): Promise<Encoded[]> {
    const tokenized = texts.map((text) => this.#tokenizer.encode(text));
    const rows = tokenized.flatMap(({ windows }) => windows);
    const vectors = new Array<Float32Array>(rows.length);
    const lengths = rows.map((ids) => ids.length);
    for (const batch of planBatches(lengths, RUN_TOKENS)) {
      beforeRun();
      const run = await this.#graph.run(
        batch.map((place) => rows[place]!),
        this.#tokenizer.padId,
      );
      for (const [row, place] of batch.entries()) {
        vectors[place] = run.slice(row * this.dimension, (row + 1) * this.dimension);
      }
    }
    let read = 0;
    return tokenized.map(({ windows, words, truncated, readable, text }) => {
      const found = vectors.slice(read, read + windows.length);
      read += windows.length;
      return {
        vector: meanDirection(found),
        windows: found,
        terms: this.#lexicon.terms(words, text),
        tokens: windows.reduce((sum, { length }) => sum + length, 0),
        truncated,
        readable,
      };
    });
  }

  /** Free the graph's memory. */
  async release(): Promise<void> {
    await this.#graph.release();
  }
}

async function check(graph: Graph, tokenizer: WordPieceTokenizer, dimension: number): Promise<void> {
  let vector: Float32Array;
  try {
    vector = await graph.run([...tokenizer.encode("warm up").windows], tokenizer.padId);
  } catch (error) {
    throw new ArtifactError(`${MODEL} can't embed a text`, { cause: error });
  }
  if (vector.length !== dimension) {
    throw new ArtifactError(`${MODEL} gives vectors of ${vector.length} numbers, the manifest states ${dimension}`);
  }
  if (!(Math.abs(Math.hypot(...vector) - 1) <= LENGTH_TOLERANCE)) {
    throw new ArtifactError(`${MODEL} gives vectors that are not of unit length`);
  }
}
