/** What the browser says was loaded (Resource Timing); the same in a page and in a worker. */

/** Calls back for each request that has ended, those before the call included. */
export function watchRequests(seen: (entry: PerformanceResourceTiming) => void): void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen(entry as PerformanceResourceTiming);
  });
  observer.observe({ type: "resource", buffered: true });
}

/** Bytes of the bodies as they came, compressed, of what was loaded so far; a name decides whether it counts. */
export function loadedBytes(counts: (name: string) => boolean): number {
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return entries.reduce((sum, entry) => sum + (counts(entry.name) ? bodyBytes(entry) : 0), 0);
}

/** Bytes of the page itself: its document, script and style. */
export function pageBytes(): number {
  const [document] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return (document ? bodyBytes(document) : 0) + loadedBytes((name) => /\.(?:js|css|svg)$/.test(new URL(name).pathname));
}

/** None of what the service worker had, which tells the size that it has without compression. */
function bodyBytes({ encodedBodySize, transferSize, workerStart }: PerformanceResourceTiming): number {
  return workerStart > 0 && transferSize === 0 ? 0 : encodedBodySize;
}
