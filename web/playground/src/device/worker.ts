/** The ranker's half of the page: it works here, so that typing never waits for it. */

import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import {
  Artifact,
  EdgeRankError,
  type Files,
  fetchArtifact,
  type RankRequest,
  Recommender,
} from "../../../src/index.ts";
import type { CatalogueItem } from "../api.ts";
import { authorization } from "../server.ts";
import { loadedBytes, watchRequests } from "../transfers.ts";
import type { Order, Report, Stage } from "./protocol.ts";
import { releasedRevision } from "./release.ts";

const AT_ONCE = 32; // items: few enough that the progress moves

let recommender: Recommender | undefined;

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  void (data.kind === "load" ? load(data.items, data.key) : rank(data.id, data.request));
});

async function load(items: readonly CatalogueItem[], key: string): Promise<void> {
  try {
    const files = await download(authorization(key));
    progress("runtime", 0);
    const started = await Recommender.create(await Artifact.open(files), { wasmPaths: { wasm } });
    await read(items, started);
    recommender = started;
    countRequests();
    tell({
      kind: "ready",
      loaded: { modelBytes: sizeOf(files), runtimeBytes: loadedBytes((name) => name.endsWith(".wasm")) },
    });
  } catch (error) {
    tell({ kind: "failed", message: told(error) });
  }
}

async function download(headers: Record<string, string>): Promise<Files> {
  const revision = await releasedRevision(headers);
  return fetchArtifact(`/v1/model/${revision}/`, {
    headers,
    onProgress: ({ loadedBytes: loaded, totalBytes: total }) => progress("model", loaded / total),
  });
}

async function read(items: readonly CatalogueItem[], started: Recommender): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    progress("items", from / items.length);
    await started.index(
      items.slice(from, from + AT_ONCE).map(({ id, text, category = null }) => ({ id, text, category })),
    );
  }
}

async function rank(id: number, request: RankRequest): Promise<void> {
  try {
    if (!recommender) throw new Error("The ranker was asked before it was ready.");
    tell({ kind: "answer", id, response: await recommender.rank(request) });
  } catch (error) {
    tell({ kind: "refused", id, message: told(error) });
  }
}

function countRequests(): void {
  const since = performance.now();
  watchRequests(({ startTime }) => startTime > since && tell({ kind: "requested" }));
}

function sizeOf(files: Files): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

function progress(stage: Stage, done: number): void {
  tell({ kind: "progress", progress: { stage, done } });
}

function told(error: unknown): string {
  if (!(error instanceof EdgeRankError)) console.error(error); // what no sentence was written for
  return error instanceof Error ? sentence(error.message) : "The ranker failed.";
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? "" : "."}`;
}

function tell(report: Report): void {
  postMessage(report);
}
