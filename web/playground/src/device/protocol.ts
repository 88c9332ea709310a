/** What the page and its worker tell each other. */

import type { CatalogueItem, RankRequest, RankResponse } from "../api.ts";

export type Stage = "model" | "runtime" | "items";

export interface Progress {
  readonly stage: Stage;
  /** Of the stage, 0 to 1. */
  readonly done: number;
}

/** What was loaded, in bytes as they came over the wire. */
export interface Loaded {
  readonly modelBytes: number;
  readonly runtimeBytes: number;
}

export type Order =
  | { readonly kind: "load"; readonly key: string; readonly items: readonly CatalogueItem[] }
  | { readonly kind: "rank"; readonly id: number; readonly request: RankRequest };

export type Report =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "ready"; readonly loaded: Loaded }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "answer"; readonly id: number; readonly response: RankResponse }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  | { readonly kind: "requested" };
