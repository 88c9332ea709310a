/** The service worker of the page: it keeps the page for visits without network, and answers for nothing else. */

import { answerTo } from "./answering.ts";
import { keep } from "./keeping.ts";
import { deletePages, type Release } from "./release.ts";

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Asked extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Scope {
  /** The build writes it here (`offline.ts`). */
  readonly __RELEASE__: Release;
  readonly registration: ServiceWorkerRegistration;
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (event: Asked) => void): void;
}

declare const self: Scope;

const release = self.__RELEASE__;

self.addEventListener("install", (event) => event.waitUntil(keep(release)));

// A new build waits until no tab shows the old one, whose files may still be wanted.
self.addEventListener("activate", (event) => event.waitUntil(deletePages(release)));

self.addEventListener("fetch", (event) => {
  const answer = answerTo(event.request, release, remove);
  if (answer) event.respondWith(answer);
});

async function remove(): Promise<void> {
  await self.registration.unregister();
  await deletePages();
}
