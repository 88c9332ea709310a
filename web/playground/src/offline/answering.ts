/** What the service worker answers: the page and its files. It never touches another request. */

import { cacheOf, PAGE, type Release } from "./release.ts";

/** So long is waited for the service before the page that is kept is shown. */
const PATIENCE_MS = 3000;
/** The service is there, and has no playground any more. */
const GONE: readonly number[] = [401, 404, 410];

/**
 * The answer to a request; undefined if it is none for a file of the page, and goes its own way.
 *
 * The page comes from the service where there is one, so that a new build is shown at the next visit; its files, whose
 * names depend on their contents, come from what is kept. What is kept is of one build: nothing is ever added to it.
 *
 * @param remove Called when the service says that it has no such page any more.
 */
export function answerTo(
  request: Request,
  release: Release,
  remove: () => Promise<unknown>,
): Promise<Response> | undefined {
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || search !== "") return undefined;
  if (pathname === PAGE) return request.mode === "navigate" ? page(request, release, remove) : undefined;
  return release.files.includes(pathname) ? file(request, pathname, release) : undefined;
}

async function page(request: Request, release: Release, remove: () => Promise<unknown>): Promise<Response> {
  const asked = fetch(request);
  const response = await Promise.race([asked, silence()]).catch(() => undefined);
  if (response && GONE.includes(response.status)) await remove().catch(() => undefined);
  // A proxy answers for a service that is not there (502 to 504), or that is too busy (429).
  if (response && response.status < 500 && response.status !== 429) return response;
  return (await kept(PAGE, release)) ?? response ?? asked;
}

async function file(request: Request, path: string, release: Release): Promise<Response> {
  return (await kept(path, release)) ?? fetch(request);
}

async function kept(path: string, release: Release): Promise<Response | undefined> {
  return caches.match(path, { cacheName: cacheOf(release), ignoreVary: true });
}

function silence(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}
