/** The ranker in a worker of the page, seen from the page. */

import type { CatalogueItem, RankRequest, RankResponse } from "../api.ts";
import type { Model, Occasion, Order, Progress, Report } from "./protocol.ts";

export interface Device {
  rank(request: RankRequest): Promise<RankResponse>;
  /** Looks for another model; like what follows it is answered by `Watcher.changed`. */
  update(key: string, occasion: Occasion): void;
  goBack(): void;
  forget(): void;
  release(): void;
}

export interface Watcher {
  progress(progress: Progress): void;
  ready(model: Model, runtimeBytes: number): void;
  /** An order about the model is carried out. */
  changed(model: Model): void;
  failed(message: string): void;
  /** The worker has asked the network for something. */
  requested(): void;
}

/**
 * Forget the models that are kept, while no ranker is started.
 *
 * @throws {Error} The worker could not be loaded.
 */
export async function forgetModels(): Promise<void> {
  const worker = started();
  try {
    await new Promise<void>((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<Report>) => data.kind === "forgotten" && resolve());
      worker.addEventListener("error", () => reject(new Error("The model could not be forgotten.")));
      worker.postMessage({ kind: "forget" } satisfies Order);
    });
  } finally {
    worker.terminate();
  }
}

interface Waiting {
  resolve(response: RankResponse): void;
  reject(error: Error): void;
}

/** Starts the worker, which loads the model and reads the items; it can be asked once it is `ready`. */
export function startDevice(items: readonly CatalogueItem[], key: string, watcher: Watcher): Device {
  const worker = started();
  const waiting = new Map<number, Waiting>();
  let asked = 0;

  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => heard(data, waiting, watcher));
  worker.addEventListener("error", () => watcher.failed("The ranker could not be started in this browser."));
  tell({ kind: "load", key, items });

  function tell(order: Order): void {
    worker.postMessage(order);
  }

  return {
    rank(request) {
      const id = ++asked;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        tell({ kind: "rank", id, request });
      });
    },
    update: (key, occasion) => tell({ kind: "update", key, occasion }),
    goBack: () => tell({ kind: "back" }),
    forget: () => tell({ kind: "forget" }),
    release() {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new Error("The ranker was stopped."));
      waiting.clear();
    },
  };
}

function started(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "edge-rank" });
}

function heard(report: Report, waiting: Map<number, Waiting>, watcher: Watcher): void {
  switch (report.kind) {
    case "progress":
      watcher.progress(report.progress);
      return;
    case "ready":
      watcher.ready(report.model, report.runtimeBytes);
      return;
    case "model":
      watcher.changed(report.model);
      return;
    case "failed":
      watcher.failed(report.message);
      return;
    case "requested":
      watcher.requested();
      return;
    case "answer":
      taken(waiting, report.id)?.resolve(report.response);
      return;
    case "refused":
      taken(waiting, report.id)?.reject(new Error(report.message));
  }
}

function taken(waiting: Map<number, Waiting>, id: number): Waiting | undefined {
  const found = waiting.get(id);
  waiting.delete(id);
  return found;
}
