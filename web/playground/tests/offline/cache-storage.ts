/** The browser's cache storage, as much of it as the page uses. */

import { vi } from "vitest";

export class MadeCacheStorage {
  readonly #caches = new Map<string, Map<string, Response>>();

  async open(name: string) {
    const found = this.#caches.get(name) ?? new Map<string, Response>();
    this.#caches.set(name, found);
    return {
      put: async (path: string, response: Response) => void found.set(path, response),
      addAll: async (paths: string[]) => {
        const responses = await Promise.all(paths.map((path) => fetch(path)));
        if (responses.some(({ ok }) => !ok)) throw new TypeError("a file could not be fetched");
        for (const [at, response] of responses.entries()) found.set(paths[at]!, response);
      },
    };
  }

  async match(path: string, { cacheName }: { cacheName: string }): Promise<Response | undefined> {
    return this.#caches.get(cacheName)?.get(path)?.clone();
  }

  async keys(): Promise<string[]> {
    return [...this.#caches.keys()];
  }

  async delete(name: string): Promise<boolean> {
    return this.#caches.delete(name);
  }

  /** The paths that a cache holds. */
  pathsOf(name: string): string[] {
    return [...(this.#caches.get(name)?.keys() ?? [])];
  }
}

export function stubCaches(): MadeCacheStorage {
  const made = new MadeCacheStorage();
  vi.stubGlobal("caches", made);
  return made;
}
