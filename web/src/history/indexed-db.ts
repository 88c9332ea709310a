import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { HistoryStorage, KeptHistory } from "./storage.ts";

const VERSION = 1;
const KEY = "history";

interface Schema extends DBSchema {
  history: { key: string; value: KeptHistory };
}

/** Keeps a history in the browser's IndexedDB, which all tabs of an origin share. It is opened when it is first used. */
export class IndexedDbHistoryStorage implements HistoryStorage {
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(name = "edge-rank-history") {
    this.#name = name;
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    (await database)?.close();
  }

  async read(): Promise<KeptHistory | undefined> {
    return (await this.#opened()).get("history", KEY);
  }

  async change(change: (kept: KeptHistory | undefined) => KeptHistory | undefined): Promise<void> {
    const transaction = (await this.#opened()).transaction("history", "readwrite");
    transaction.done.catch(() => undefined); // awaited below, unless something fails before
    const changed = change(await transaction.store.get(KEY));
    if (changed === undefined) {
      await transaction.store.delete(KEY);
    } else {
      await transaction.store.put(changed, KEY);
    }
    await transaction.done;
  }

  /** The database, opened anew after it could not be opened, was closed by the browser, or is wanted by another tab. */
  #opened(): Promise<IDBPDatabase<Schema>> {
    const forget = () => {
      this.#database = undefined;
    };
    this.#database ??= openDB<Schema>(this.#name, VERSION, {
      upgrade: (created) => void created.createObjectStore("history"),
      blocking: () => void this.close(),
      terminated: forget,
    }).catch((error: unknown) => {
      forget();
      throw error;
    });
    return this.#database;
  }
}
