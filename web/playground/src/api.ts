/** The shapes of the service, which are the library's too; beside them what the page alone reads. */

export type { Action, HistoryEvent, RankRequest } from "../../src/request.ts";
export type { RankResponse, RankResult, SignalContribution } from "../../src/response.ts";

export interface CatalogueItem {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly category?: string;
}

export interface CataloguePage {
  readonly total: number;
  readonly offset: number;
  readonly items: readonly CatalogueItem[];
}
