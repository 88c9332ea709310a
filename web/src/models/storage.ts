/** Where models are kept on the device. */

import { joined } from "../bytes.ts";
import type { Release } from "./release.ts";

/** What a device remembers. */
export interface State {
  /** Random; decides which part of a roll-out the device is in, and never leaves it. */
  readonly deviceId: string;
  readonly current: Release | null;
  /** What `rollBack` returns to. */
  readonly previous: Release | null;
  /** Revisions that are not taken again: those that were rolled back from, or revoked. */
  readonly refused: readonly string[];
}

/**
 * Keeps a state, whole files by their SHA-256, and the beginnings of files whose download was interrupted.
 *
 * Every call is atomic. Two revisions that share a file keep it once.
 */
export interface ModelStorage {
  state(): Promise<State | undefined>;
  setState(state: State): Promise<void>;
  file(sha256: string): Promise<Uint8Array | undefined>;
  /** Keep a whole file, and forget its beginning. */
  putFile(sha256: string, bytes: Uint8Array): Promise<void>;
  removeFile(sha256: string): Promise<void>;
  /** What came so far of a file; empty if nothing did. */
  beginning(sha256: string): Promise<Uint8Array>;
  /** Keep bytes of a file that begin so many bytes behind its start. */
  append(sha256: string, at: number, bytes: Uint8Array): Promise<void>;
  dropBeginning(sha256: string): Promise<void>;
  /** Forget all files, and beginnings, but these. */
  keepOnly(sha256s: ReadonlySet<string>): Promise<void>;
  /** Forget all, the state too. */
  clear(): Promise<void>;
}

/** Keeps everything in memory: for tests, and for pages that may keep nothing. */
export class MemoryStorage implements ModelStorage {
  #state: State | undefined;
  readonly #files = new Map<string, Uint8Array>();
  readonly #beginnings = new Map<string, Uint8Array>();

  async state(): Promise<State | undefined> {
    return this.#state;
  }

  async setState(state: State): Promise<void> {
    this.#state = state;
  }

  async file(sha256: string): Promise<Uint8Array | undefined> {
    return this.#files.get(sha256);
  }

  async putFile(sha256: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(sha256, bytes);
    this.#beginnings.delete(sha256);
  }

  async removeFile(sha256: string): Promise<void> {
    this.#files.delete(sha256);
  }

  async beginning(sha256: string): Promise<Uint8Array> {
    return this.#beginnings.get(sha256) ?? new Uint8Array();
  }

  async append(sha256: string, at: number, bytes: Uint8Array): Promise<void> {
    const before = await this.beginning(sha256);
    this.#beginnings.set(sha256, joined([before.subarray(0, at), bytes]));
  }

  async dropBeginning(sha256: string): Promise<void> {
    this.#beginnings.delete(sha256);
  }

  async keepOnly(sha256s: ReadonlySet<string>): Promise<void> {
    for (const kept of [this.#files, this.#beginnings]) {
      for (const sha256 of kept.keys()) {
        if (!sha256s.has(sha256)) {
          kept.delete(sha256);
        }
      }
    }
  }

  async clear(): Promise<void> {
    this.#state = undefined;
    await this.keepOnly(new Set());
  }
}
