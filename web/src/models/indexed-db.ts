import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { joined } from "../bytes.ts";
import type { ModelStorage, State } from "./storage.ts";

const VERSION = 1;
const STATE = "state";

interface Schema extends DBSchema {
  state: { key: string; value: State };
  files: { key: string; value: Uint8Array };
  /** By SHA-256 and the place of the first byte. */
  chunks: { key: [sha256: string, at: number]; value: Uint8Array };
}

/**
 * Keeps models in the browser's IndexedDB. Tabs share it: files are named by their contents, chunks by their places.
 */
export class IndexedDbStorage implements ModelStorage {
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  static async open(name = "edge-rank"): Promise<IndexedDbStorage> {
    const database = await openDB<Schema>(name, VERSION, {
      upgrade(created) {
        created.createObjectStore("state");
        created.createObjectStore("files");
        created.createObjectStore("chunks");
      },
    });
    return new IndexedDbStorage(database);
  }

  close(): void {
    this.#database.close();
  }

  async state(): Promise<State | undefined> {
    return this.#database.get("state", STATE);
  }

  async setState(state: State): Promise<void> {
    await this.#database.put("state", state, STATE);
  }

  async file(sha256: string): Promise<Uint8Array | undefined> {
    return this.#database.get("files", sha256);
  }

  async putFile(sha256: string, bytes: Uint8Array): Promise<void> {
    const transaction = this.#database.transaction(["files", "chunks"], "readwrite");
    await Promise.all([
      transaction.objectStore("files").put(bytes, sha256),
      transaction.objectStore("chunks").delete(chunksOf(sha256)),
      transaction.done,
    ]);
  }

  async removeFile(sha256: string): Promise<void> {
    await this.#database.delete("files", sha256);
  }

  async beginning(sha256: string): Promise<Uint8Array> {
    const transaction = this.#database.transaction("chunks");
    const [keys, chunks] = await Promise.all([
      transaction.store.getAllKeys(chunksOf(sha256)),
      transaction.store.getAll(chunksOf(sha256)),
    ]);
    let length = 0;
    const whole = chunks.filter((chunk, at) => {
      const follows = keys[at]![1] === length; // of two tabs' downloads, one may have left a gap
      length += follows ? chunk.length : 0;
      return follows;
    });
    return joined(whole);
  }

  async append(sha256: string, at: number, bytes: Uint8Array): Promise<void> {
    await this.#database.put("chunks", bytes, [sha256, at]);
  }

  async dropBeginning(sha256: string): Promise<void> {
    await this.#database.delete("chunks", chunksOf(sha256));
  }

  async keepOnly(sha256s: ReadonlySet<string>): Promise<void> {
    const transaction = this.#database.transaction(["files", "chunks"], "readwrite");
    const files = transaction.objectStore("files");
    const chunks = transaction.objectStore("chunks");
    const others = (await files.getAllKeys()).filter((sha256) => !sha256s.has(sha256));
    const pieces = (await chunks.getAllKeys()).filter(([sha256]) => !sha256s.has(sha256));
    await Promise.all([
      ...others.map((sha256) => files.delete(sha256)),
      ...pieces.map((key) => chunks.delete(key)),
      transaction.done,
    ]);
  }

  async clear(): Promise<void> {
    const names = ["state", "files", "chunks"] as const;
    const transaction = this.#database.transaction(names, "readwrite");
    await Promise.all([...names.map((name) => transaction.objectStore(name).clear()), transaction.done]);
  }
}

function chunksOf(sha256: string): IDBKeyRange {
  return IDBKeyRange.bound([sha256, 0], [sha256, Number.POSITIVE_INFINITY]);
}
