/** Keeps the model: on the device where the browser lets it, else in memory. */

import {
  type Artifact,
  EdgeRankError,
  IndexedDbStorage,
  type Kept,
  MemoryStorage,
  ModelStore,
  type Update,
  type UpdateOptions,
} from "../../../src/index.ts";

/** What looking for an update came to. */
export interface Looked {
  readonly update: Update | undefined;
  /** Why there is no update; what is kept is in use. */
  readonly trouble: EdgeRankError | undefined;
}

export class Keeper {
  #store: ModelStore;
  #lasting: boolean;

  private constructor(store: ModelStore, lasting: boolean) {
    this.#store = store;
    this.#lasting = lasting;
  }

  static async open(): Promise<Keeper> {
    try {
      return new Keeper(new ModelStore(await IndexedDbStorage.open()), true);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return new Keeper(new ModelStore(new MemoryStorage()), false);
    }
  }

  /** Whether what is kept outlasts the page. */
  get lasting(): boolean {
    return this.#lasting;
  }

  /**
   * Take what the service has for this device. Whatever goes wrong, a model that is kept stays; where none is and the
   * browser has no room for one, it is kept in memory.
   *
   * @param url Where the service lists its models.
   * @throws {EdgeRankError} There is no model: none came, and none is kept.
   */
  async update(url: string | URL, options: UpdateOptions): Promise<Looked> {
    try {
      return { update: await this.#store.update(url, options), trouble: undefined };
    } catch (error) {
      if (!(error instanceof EdgeRankError || isRefusal(error))) throw error;
      if (await this.#hasModel()) return { update: undefined, trouble: asTrouble(error) };
      if (!(isRefusal(error) && this.#lasting)) throw error;
      this.#store = new ModelStore(new MemoryStorage());
      this.#lasting = false;
      return this.update(url, options);
    }
  }

  /** @throws {ArtifactError} What is kept is damaged. */
  async open(): Promise<Artifact | null> {
    return this.#store.open();
  }

  async kept(): Promise<Kept> {
    return this.#store.kept();
  }

  /** @throws {EdgeRankError} There is no earlier model, or it is damaged. */
  async goBack(): Promise<Artifact> {
    return this.#store.rollBack();
  }

  async forget(): Promise<void> {
    return this.#store.forget();
  }

  async #hasModel(): Promise<boolean> {
    try {
      return (await this.#store.open()) !== null;
    } catch (error) {
      if (error instanceof EdgeRankError || isRefusal(error)) return false;
      throw error;
    }
  }
}

/** Whether the browser refused to keep something: it may not, or has no room. */
function isRefusal(error: unknown): boolean {
  return error instanceof DOMException || !("indexedDB" in globalThis);
}

function asTrouble(error: unknown): EdgeRankError {
  if (error instanceof EdgeRankError) return error;
  return new EdgeRankError("download_failed", "the browser has no room for another model", { cause: error });
}
