/** The items of the catalogue, kept for visits without network. */

import type { CatalogueItem } from "../api.ts";
import { OURS } from "./release.ts";

const CACHE = `${OURS}items`;
const PATH = "/playground/items"; // a name in the cache alone

export async function keepItems(items: readonly CatalogueItem[]): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(PATH, Response.json(items));
}

/** What was kept; undefined if nothing was, or the browser keeps nothing. */
export async function keptItems(): Promise<readonly CatalogueItem[] | undefined> {
  try {
    const found = await caches.match(PATH, { cacheName: CACHE });
    return (await found?.json()) as readonly CatalogueItem[] | undefined;
  } catch {
    return undefined;
  }
}
