/** Keeps a build of the page in the browser, as a whole or not at all. */

import { cacheOf, PAGE, type Release } from "./release.ts";

/**
 * Fetch the page and its files, and keep them.
 *
 * @throws {Error} One can't be fetched, or the page is of another build: while a service is updated, one process may
 *   have the new page and another one the old.
 */
export async function keep(release: Release): Promise<void> {
  const name = cacheOf(release);
  try {
    const cache = await caches.open(name);
    const page = await fetch(PAGE, { cache: "no-cache" });
    if (!page.ok || (await sha256(await page.clone().arrayBuffer())) !== release.pageSha256) {
      throw new Error("the page is of another build");
    }
    await cache.addAll([...release.files]);
    await cache.put(PAGE, page);
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
