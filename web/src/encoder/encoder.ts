/** The student: texts in, unit vectors and terms out. */

import type { Artifact } from "../artifact/artifact.ts";
import { MODEL } from "../artifact/files.ts";
import { ArtifactError } from "../errors.ts";
import { planBatches } from "./batching.ts";
import { Graph, type WasmPaths } from "./graph.ts";
import { Lexicon, type Terms } from "./terms.ts";
import { WordPieceTokenizer } from "./wordpiece.ts";

const RUN_TOKENS = 256;
const LENGTH_TOLERANCE = 1e-3;

/** What is known of a text. */
export interface Encoded {
  /** Float32, `[dimension]`, of unit length. */
  readonly vector: Float32Array;
  readonly terms: Terms;
  /** Pieces that the model read, the marks at both ends included. */
  readonly tokens: number;
  /** Whether the text was longer than the model reads. */
  readonly truncated: boolean;
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
    this.#lexicon = new Lexicon(tokenizer.pieces);
    this.dimension = dimension;
  }

  /**
   * Load the graph and embed one text with it, so that the first request finds it warm.
   *
   * @throws {ArtifactError} The graph or the vocabulary is not what the manifest states.
   */
  static async open(artifact: Artifact, wasmPaths?: WasmPaths): Promise<Encoder> {
    const tokenizer = new WordPieceTokenizer(artifact);
    const graph = await Graph.open(artifact, wasmPaths);
    try {
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
    const pieces = texts.map((text) => this.#tokenizer.encode(text));
    const encoded = new Array<Encoded>(texts.length);
    const lengths = pieces.map(({ ids }) => ids.length);
    for (const batch of planBatches(lengths, RUN_TOKENS)) {
      beforeRun();
      const rows = await this.#graph.run(
        batch.map((place) => pieces[place]!.ids),
        this.#tokenizer.padId,
      );
      for (const [row, place] of batch.entries()) {
        const { ids, words, truncated } = pieces[place]!;
        const vector = rows.slice(row * this.dimension, (row + 1) * this.dimension);
        encoded[place] = { vector, terms: this.#lexicon.terms(words), tokens: ids.length, truncated };
      }
    }
    return encoded;
  }

  /** Free the graph's memory. */
  async release(): Promise<void> {
    await this.#graph.release();
  }
}

async function check(graph: Graph, tokenizer: WordPieceTokenizer, dimension: number): Promise<void> {
  let vector: Float32Array;
  try {
    vector = await graph.run([tokenizer.encode("warm up").ids], tokenizer.padId);
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
