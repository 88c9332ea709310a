/** The ranker's half of the page: it works here, so that typing never waits for it. */

import { EdgeRankError, type RankRequest } from "../../../src/index.ts";
import { Turns } from "../../../src/turns.ts";
import { loadedBytes, watchRequests } from "../transfers.ts";
import { Keeper } from "./keeper.ts";
import { sentence } from "./news.ts";
import type { Order, Report } from "./protocol.ts";
import { Ranking } from "./ranking.ts";

type OrderOfModel = Exclude<Order, { kind: "rank" | "load" }>;

const turns = new Turns();
let ranking: Ranking | undefined;
let countedFrom = Number.POSITIVE_INFINITY;

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (data.kind === "rank") void rank(data.id, data.request);
  else void turns.take(() => (data.kind === "load" ? load(data) : carryOut(data)));
});
watchRequests(({ startTime }) => startTime > countedFrom && tell({ kind: "requested" }));

async function load({ items, key }: Extract<Order, { kind: "load" }>): Promise<void> {
  try {
    ranking = await Ranking.start(items, key, (stage, done) => tell({ kind: "progress", progress: { stage, done } }));
    countedFrom = performance.now();
    const runtimeBytes = loadedBytes((name) => name.endsWith(".wasm"));
    tell({ kind: "ready", model: await ranking.model(), runtimeBytes });
  } catch (error) {
    tell({ kind: "failed", message: told(error) });
  }
}

/** What fails leaves the model in use that was. */
async function carryOut(order: OrderOfModel): Promise<void> {
  if (!ranking) {
    if (order.kind === "forget") await forget();
    return;
  }
  const unasked = order.kind === "update" && order.occasion === "switch";
  if (unasked) countedFrom = Number.POSITIVE_INFINITY; // the look that comes with the switch is not counted after it
  try {
    if (order.kind === "update") await ranking.update(order.key, order.occasion);
    else await (order.kind === "back" ? ranking.goBack() : ranking.forget());
  } catch (error) {
    ranking.news = told(error);
  }
  if (unasked) countedFrom = performance.now();
  tell({ kind: "model", model: await ranking.model() });
}

async function forget(): Promise<void> {
  await (await Keeper.open()).forget();
  tell({ kind: "forgotten" });
}

async function rank(id: number, request: RankRequest): Promise<void> {
  try {
    if (!ranking) throw new Error("The ranker was asked before it was ready.");
    tell({ kind: "answer", id, response: await ranking.rank(request) });
  } catch (error) {
    tell({ kind: "refused", id, message: told(error) });
  }
}

function told(error: unknown): string {
  if (!(error instanceof EdgeRankError)) console.error(error); // what no sentence was written for
  return error instanceof Error ? sentence(error.message) : "The ranker failed.";
}

function tell(report: Report): void {
  postMessage(report);
}
