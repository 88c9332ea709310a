/** The core's WebAssembly: where it comes from, and what it exports. */

import { EdgeRankError } from "../errors.ts";

const FILE = "edge-rank.wasm";

/** Node.js' own, whose `fetch` reads no files; asked for without an import, which browsers would stumble over. */
function readFileSync(url: URL): Uint8Array {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: "node:fs"): NodeFiles } };
  return process.getBuiltinModule("node:fs").readFileSync(url);
}

interface NodeFiles {
  readFileSync(url: URL): Uint8Array;
}

/** What an instance exports (see `device/include/edge_rank.h`). All numbers are addresses, counts or statuses. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  er_allocate(bytes: number): number;
  er_release(address: number): void;
  er_open(manifest: number, weights: number, graph: number, vocabulary: number, options: number, error: number): number;
  er_free(model: number): void;
  er_describe(info: number, model: number): void;
  er_embed(model: number, texts: number, count: number, readings: number, error: number): number;
  er_split(model: number, text: number, ids: number, most: number): number;
  er_rank(model: number, request: number, ranking: number, error: number): number;
  er_attach(model: number, manifest: number, weights: number, adapters: number, error: number): number;
  er_free_head(head: number): void;
  er_describe_head(info: number, model: number, head: number): void;
  er_label(text: number, model: number, head: number, place: number): void;
  er_classify(
    model: number,
    head: number,
    texts: number,
    seconds: number,
    count: number,
    classified: number,
    error: number,
  ): number;
}

/**
 * Where `edge-rank.wasm` comes from: the folder that it lies in, with a slash at the end; or, as `wasm`, its own URL, its
 * bytes, a compiled module, or a function that instantiates it, for hosts with a way of their own.
 */
export type WasmPaths =
  | string
  | {
      readonly wasm: string | URL | BufferSource | WebAssembly.Module | (() => Promise<WebAssembly.Instance>);
    };

/**
 * A new instance, with memory of its own.
 *
 * @param paths By default, the file beside this script.
 * @throws {EdgeRankError} `runtime_unavailable`: it can't be fetched, or is not WebAssembly that runs here.
 */
export async function instantiate(paths?: WasmPaths): Promise<Exports> {
  try {
    const { exports } = await instanceOf(typeof paths === "object" ? paths.wasm : urlIn(paths));
    return exports as unknown as Exports;
  } catch (error) {
    throw new EdgeRankError("runtime_unavailable", `${FILE} can't be fetched, or does not run here`, { cause: error });
  }
}

function urlIn(folder: string | undefined): string | URL {
  return folder === undefined ? new URL(/* @vite-ignore */ "./edge-rank.wasm", import.meta.url) : folder + FILE;
}

async function instanceOf(source: Exclude<WasmPaths, string>["wasm"]): Promise<WebAssembly.Instance> {
  if (typeof source === "function") {
    return source();
  }
  if (source instanceof WebAssembly.Module) {
    return new WebAssembly.Instance(source);
  }
  if (typeof source === "string" || source instanceof URL) {
    return WebAssembly.instantiate(await compiledFrom(String(source)));
  }
  return (await WebAssembly.instantiate(source)).instance;
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Fetched and compiled once, so that another model needs no network for it; what failed is tried again. */
function compiledFrom(url: string): Promise<WebAssembly.Module> {
  const known = compiled.get(url);
  if (known !== undefined) {
    return known;
  }
  const compiling = fetched(url).then((bytes) => WebAssembly.compile(bytes));
  compiled.set(url, compiling);
  compiling.catch(() => compiled.delete(url));
  return compiling;
}

async function fetched(url: string): Promise<BufferSource> {
  if (url.startsWith("file:")) {
    return new Uint8Array(readFileSync(new URL(url)));
  }
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${FILE}: HTTP status ${response.status}`);
  }
  return response.arrayBuffer();
}
