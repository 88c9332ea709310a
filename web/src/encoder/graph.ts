/** The student's graph, run by ONNX Runtime's WebAssembly build on one thread. */

import * as ort from "onnxruntime-web/wasm";
import type { Artifact } from "../artifact/artifact.ts";
import { MODEL } from "../artifact/files.ts";
import { ArtifactError } from "../errors.ts";

const INPUTS = ["attention_mask", "input_ids"];
const WASM = "ort-wasm-simd-threaded.wasm";

/** Where `ort-wasm-simd-threaded.wasm` lies: its folder, with a slash at the end, or its own URL. */
export type WasmPaths = string | { readonly wasm: string | URL };

/** Texts in, vectors out. */
export class Graph {
  readonly #session: ort.InferenceSession;
  readonly #output: string;

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
    this.#output = session.outputNames[0]!;
  }

  /** @throws {ArtifactError} The graph is not one that this ONNX Runtime loads, or takes other inputs. */
  static async open(artifact: Artifact, wasmPaths?: WasmPaths): Promise<Graph> {
    configure(wasmPaths);
    let session: ort.InferenceSession;
    try {
      session = await ort.InferenceSession.create(artifact.file(MODEL), {
        executionProviders: ["wasm"],
        logSeverityLevel: 3,
      });
    } catch (error) {
      throw new ArtifactError(`${MODEL} is not a graph that ONNX Runtime loads here`, { cause: error });
    }
    const names = [...session.inputNames].sort();
    if (names.join() !== INPUTS.join()) {
      throw new ArtifactError(`${MODEL} takes other inputs than ${INPUTS.join(", ")}`);
    }
    return new Graph(session);
  }

  /** The vectors of texts that share a run, row by row: `[texts, dimension]`; short texts are filled up. */
  async run(texts: readonly (readonly number[])[], padId: number): Promise<Float32Array> {
    const length = texts.reduce((longest, ids) => Math.max(longest, ids.length), 0);
    const ids = new BigInt64Array(texts.length * length).fill(BigInt(padId));
    const mask = new BigInt64Array(texts.length * length);
    for (const [row, text] of texts.entries()) {
      ids.set(text.map(BigInt), row * length);
      mask.fill(1n, row * length, row * length + text.length);
    }
    const shape = [texts.length, length];
    const outputs = await this.#session.run({
      input_ids: new ort.Tensor("int64", ids, shape),
      attention_mask: new ort.Tensor("int64", mask, shape),
    });
    return outputs[this.#output]!.data as Float32Array;
  }

  /** Free the graph's memory. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

function configure(wasmPaths: WasmPaths | undefined): void {
  ort.env.wasm.numThreads = 1; // more would need a page that is isolated from other origins
  if (wasmPaths !== undefined) {
    ort.env.wasm.wasmPaths = { wasm: typeof wasmPaths === "string" ? wasmPaths + WASM : wasmPaths.wasm };
  }
}
