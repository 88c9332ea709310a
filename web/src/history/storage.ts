/** Where a history is kept on the device. */

import type { RecordedEvent } from "./event.ts";

/** What is kept once a person has agreed. */
export interface KeptHistory {
  /** In the order in which they happened. */
  readonly events: readonly RecordedEvent[];
}

/** Keeps one history, or nothing: without consent there is none. */
export interface HistoryStorage {
  read(): Promise<KeptHistory | undefined>;
  /**
   * Replace what is kept by what `change` makes of it, in one step that nobody comes between, no other tab either;
   * `undefined` is to keep nothing.
   */
  change(change: (kept: KeptHistory | undefined) => KeptHistory | undefined): Promise<void>;
}

/** Keeps a history for as long as the page lives. */
export class MemoryHistoryStorage implements HistoryStorage {
  #kept: KeptHistory | undefined;

  async read(): Promise<KeptHistory | undefined> {
    return this.#kept;
  }

  async change(change: (kept: KeptHistory | undefined) => KeptHistory | undefined): Promise<void> {
    this.#kept = change(this.#kept);
  }
}
