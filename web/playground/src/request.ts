/** What the page asks, of either ranker. */

import type { CatalogueItem, RankRequest } from "./api.ts";
import { type Happened, toldAt } from "./history.ts";

/** A request for the best `shown` of all items. What says nothing is left out. */
export function rankRequest(
  query: string,
  history: readonly Happened[],
  items: readonly CatalogueItem[],
  shown: number,
  now: number,
): RankRequest {
  const words = query.trim();
  return {
    ...(words ? { query: words } : {}),
    ...(history.length ? { user: { history: toldAt(history, now) } } : {}),
    candidates: items.map(({ id }) => ({ id })),
    options: { top_n: shown, explain: true },
  };
}
