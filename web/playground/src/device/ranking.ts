/** The model in use: what ranks, where it came from, and how another one takes its place. */

import wasm from "../../../src/core/edge-rank.wasm?url";
import {
  type Artifact,
  DownloadError,
  type RankRequest,
  type RankResponse,
  Recommender,
  type UpdateOptions,
} from "../../../src/index.ts";
import type { CatalogueItem } from "../api.ts";
import { authorization } from "../server.ts";
import { Keeper, type Looked } from "./keeper.ts";
import { FORGOTTEN, hasGoneBack, newsOf, WENT_BACK } from "./news.ts";
import type { Model, Occasion, Origin, Stage } from "./protocol.ts";

const RELEASES = "/v1/model/";
const AT_ONCE = 32; // items: few enough that the progress moves, and that a query comes in between

type Tell = (stage: Stage, done: number) => void;

const UNTOLD: Tell = () => {};
const KEPT: Origin = { by: "kept", bytes: 0 };

export class Ranking {
  /** What the last order came to. */
  news = "";
  readonly #keeper: Keeper;
  readonly #items: readonly CatalogueItem[];
  #recommender: Recommender | undefined;
  #origin = KEPT;
  #loadedBytes = 0;

  private constructor(keeper: Keeper, items: readonly CatalogueItem[]) {
    this.#keeper = keeper;
    this.#items = items;
  }

  /**
   * Take what the service has for this device, or what is kept, and read the items.
   *
   * @throws {EdgeRankError} There is no model that can rank.
   */
  static async start(items: readonly CatalogueItem[], key: string, tell: Tell): Promise<Ranking> {
    const ranking = new Ranking(await Keeper.open(), items);
    await ranking.#look(key, {}, tell);
    return ranking;
  }

  async rank(request: RankRequest): Promise<RankResponse> {
    return this.#inUse.rank(request);
  }

  /**
   * Look for an update, and have it rank.
   *
   * @throws {EdgeRankError} None came, and none is kept.
   */
  async update(key: string, occasion: Occasion): Promise<void> {
    await this.#look(key, { again: occasion === "again" }, UNTOLD, occasion);
  }

  /** @throws {EdgeRankError} There is no earlier model, or it is damaged. */
  async goBack(): Promise<void> {
    await this.#use(await this.#keeper.goBack());
    this.#origin = KEPT;
    this.news = WENT_BACK;
  }

  /** Forget what is kept; what ranks is in memory, and ranks on. */
  async forget(): Promise<void> {
    await this.#keeper.forget();
    this.news = FORGOTTEN;
  }

  async model(): Promise<Model> {
    const kept = await this.#keeper.kept();
    const { name, revision } = this.#inUse.artifact;
    const keeping = kept.current ? "kept" : "none";
    return {
      name,
      revision,
      origin: this.#origin,
      keeping: this.#keeper.lasting ? keeping : "refused",
      earlier: kept.previous?.revision ?? null,
      wentBack: hasGoneBack(kept),
      loadedBytes: this.#loadedBytes,
      news: this.news,
    };
  }

  get #inUse(): Recommender {
    if (!this.#recommender) throw new Error("The ranker was asked before it was ready.");
    return this.#recommender;
  }

  async #look(key: string, options: UpdateOptions, tell: Tell, occasion?: Occasion): Promise<void> {
    let tried: Recommender | undefined;
    try {
      const looked = await this.#keeper.update(RELEASES, {
        ...options,
        headers: authorization(key),
        wasmPaths: { wasm },
        onProgress: ({ loadedBytes, totalBytes }) => tell("model", loadedBytes / totalBytes),
        check: async (artifact) => {
          tell("runtime", 0);
          await tried?.release();
          tried = await started(artifact, this.#recommender);
        },
      });
      const artifact = await this.#keeper.open();
      if (artifact) await this.#follow(artifact, looked, tried, tell);
      else if (!this.#recommender) throw new DownloadError("the service has released no model to devices");
      this.news = newsOf(looked, { wentBack: hasGoneBack(await this.#keeper.kept()) }, occasion);
    } finally {
      if (tried !== this.#recommender) await tried?.release();
    }
  }

  /** Use what is kept now, unless it is in use: another tab may have brought it. */
  async #follow(artifact: Artifact, { update }: Looked, tried: Recommender | undefined, tell: Tell): Promise<void> {
    const another = artifact.revision !== this.#recommender?.artifact.revision;
    if (another) await this.#use(artifact, tell, tried);
    const bytes = update?.loadedBytes ?? 0;
    if (update?.by && bytes > 0) this.#origin = { by: update.by, bytes };
    else if (another) this.#origin = KEPT;
    this.#loadedBytes += bytes;
  }

  async #use(artifact: Artifact, tell: Tell = UNTOLD, tried?: Recommender): Promise<void> {
    tell("runtime", 0);
    const before = this.#recommender;
    const next = tried?.artifact.revision === artifact.revision ? tried : await started(artifact, before);
    // With the same encoder, what was read before is known already.
    if (!next.sharesEncoder(before)) await read(this.#items, next, tell);
    this.#recommender = next;
    await before?.release();
  }
}

async function started(artifact: Artifact, predecessor: Recommender | undefined): Promise<Recommender> {
  return Recommender.create(artifact, { wasmPaths: { wasm }, predecessor });
}

async function read(items: readonly CatalogueItem[], recommender: Recommender, tell: Tell): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    tell("items", from / items.length);
    const some = items.slice(from, from + AT_ONCE);
    await recommender.index(some.map(({ id, text, category = null }) => ({ id, text, category })));
    await new Promise((resolve) => setTimeout(resolve)); // a query that waits is asked of the model in use
  }
}
