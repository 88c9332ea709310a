import type { Features } from "./features.ts";
import { Recent } from "./recent.ts";

const CAPACITY = 50_000;

/** What is known of items, by their ids: the pinned ones for good, of others the latest. In memory alone. */
export class FeatureStore {
  readonly #recent = new Recent<Features>(CAPACITY);
  readonly #pinned = new Map<string, Features>();

  get(id: string): Features | undefined {
    return this.#pinned.get(id) ?? this.#recent.get(id);
  }

  /** What is known for good. */
  pinned(id: string): Features | undefined {
    return this.#pinned.get(id);
  }

  /** Remember an item; a pinned one stays pinned, with its new features. */
  put(id: string, features: Features): void {
    if (this.#pinned.has(id)) {
      this.#pinned.set(id, features);
    } else {
      this.#recent.put(id, features);
    }
  }

  /** Forget an item, a pinned one too. */
  delete(id: string): void {
    this.#pinned.delete(id);
    this.#recent.delete(id);
  }

  pin(id: string, features: Features): void {
    this.#recent.delete(id);
    this.#pinned.set(id, features);
  }
}
