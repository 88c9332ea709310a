/** What the page and its worker tell each other. */

import type { CatalogueItem, RankRequest, RankResponse } from "../api.ts";

export type Stage = "model" | "runtime" | "items";

export interface Progress {
  readonly stage: Stage;
  /** Of the stage, 0 to 1. */
  readonly done: number;
}

/** How a model came to rank: by files or a delta that were loaded in this visit, or from what was kept. */
export interface Origin {
  readonly by: "kept" | "files" | "delta";
  /** What came over the network for it. */
  readonly bytes: number;
}

/** The model that ranks. */
export interface Model {
  readonly name: string;
  readonly revision: string;
  readonly origin: Origin;
  /** `none`: a person had it forgotten. `refused`: the browser keeps nothing for this page. */
  readonly keeping: "kept" | "none" | "refused";
  /** The revision that one can go back to; null if there is none. */
  readonly earlier: string | null;
  /** Whether this device went back from a later one. */
  readonly wentBack: boolean;
  /** Bytes of models that this visit loaded. */
  readonly loadedBytes: number;
  /** What the last order came to, in sentences; empty if all is as one would expect. */
  readonly news: string;
}

/** Why one looks for an update: the device is switched to, a person asks, or asks for what they went back from. */
export type Occasion = "switch" | "asked" | "again";

/** Orders about the model are carried out one after another. */
export type Order =
  | { readonly kind: "load"; readonly key: string; readonly items: readonly CatalogueItem[] }
  | { readonly kind: "update"; readonly key: string; readonly occasion: Occasion }
  | { readonly kind: "back" }
  | { readonly kind: "forget" }
  | { readonly kind: "rank"; readonly id: number; readonly request: RankRequest };

export type Report =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "ready"; readonly model: Model; readonly runtimeBytes: number }
  | { readonly kind: "failed"; readonly message: string }
  /** An order about the model is carried out. */
  | { readonly kind: "model"; readonly model: Model }
  /** Nothing is kept any more; told where nothing ranks. */
  | { readonly kind: "forgotten" }
  | { readonly kind: "answer"; readonly id: number; readonly response: RankResponse }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  | { readonly kind: "requested" };
