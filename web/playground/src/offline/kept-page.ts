/** The page that is kept for visits without network, seen from the page. */

import { OURS, PAGE } from "./release.ts";
import script from "./service-worker.ts?worker&url";

/** Whether a page is kept. */
export async function isKept(): Promise<boolean> {
  return Boolean((await registration())?.active);
}

/**
 * Keep the page, or look whether the one that is kept is to be replaced.
 *
 * @throws {Error} The browser keeps none, or a file could not be fetched.
 */
export async function keepPage(): Promise<void> {
  const registered = await navigator.serviceWorker.register(script, { scope: PAGE });
  await installed(registered.installing);
  if (!registered.active && !registered.waiting) throw new Error("the page could not be kept");
}

/** Have no page kept any more, nor anything else in the cache storage. This page stays until it is left. */
export async function removePage(): Promise<void> {
  const registered = await registration();
  await registered?.unregister();
  await installed(registered?.installing); // what it is about to keep is to go, too
  const names = ((await globalThis.caches?.keys()) ?? []).filter((name) => name.startsWith(OURS));
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** The registration of our worker; none where the browser has no service workers, or another one stands there. */
async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  const found = await navigator.serviceWorker?.getRegistration(PAGE).catch(() => undefined);
  const worker = found?.active ?? found?.waiting ?? found?.installing;
  return worker && new URL(worker.scriptURL).pathname === script ? found : undefined;
}

/** Waits until a worker that is being installed is, or has failed. */
async function installed(worker: ServiceWorker | null | undefined): Promise<void> {
  if (worker?.state !== "installing") return;
  await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
}
