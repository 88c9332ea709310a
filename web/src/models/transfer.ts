/** Downloads that go on where they were interrupted, and are kept only if their checksum is right. */

import { sha256 as sha256Of } from "../artifact/sha256.ts";
import { joined } from "../bytes.ts";
import { DownloadError } from "../errors.ts";
import { ask, bodyOf } from "../http.ts";
import type { ModelStorage } from "./storage.ts";

const CHUNK_BYTES = 1 << 17;
const PARTIAL = 206;
const NOT_SATISFIABLE = 416;

/** What is to be fetched. */
export interface Wanted {
  /** What messages and progress call it. */
  readonly path: string;
  readonly url: URL;
  readonly bytes: number;
  readonly sha256: string;
}

export interface TransferOptions {
  /** Called with bytes that are there: those from before an interruption, then those that are fetched. */
  readonly onBytes?: (bytes: number, fetched: boolean) => void;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Fetch a file. What came before an interruption stays in the storage, and the next call asks for the rest.
 *
 * @throws {DownloadError} It can't be fetched, or is not what its checksum says.
 */
export async function transfer(
  storage: ModelStorage,
  wanted: Wanted,
  options: TransferOptions = {},
): Promise<Uint8Array> {
  const before = await storage.beginning(wanted.sha256);
  const whole = before.length >= wanted.bytes;
  const bytes = whole ? before : await theRest(storage, wanted, before, options);
  if (whole) {
    options.onBytes?.(before.length, false);
  }
  if (bytes.length < wanted.bytes) {
    throw new DownloadError(`${wanted.path} can't be fetched: the connection ended early`, { temporary: true });
  }
  if (bytes.length !== wanted.bytes || (await sha256Of(bytes)) !== wanted.sha256) {
    await storage.dropBeginning(wanted.sha256);
    throw new DownloadError(`${wanted.path} does not match its checksum`);
  }
  return bytes;
}

async function theRest(
  storage: ModelStorage,
  wanted: Wanted,
  before: Uint8Array,
  options: TransferOptions,
): Promise<Uint8Array> {
  const { path, url, bytes, sha256 } = wanted;
  const resumed = before.length > 0;
  const headers = {
    ...options.headers,
    ...(resumed && { Range: `bytes=${before.length}-`, "If-Range": `"${sha256}"` }),
  };
  const response = await ask(path, url, { headers, signal: options.signal ?? null }, resumed ? [NOT_SATISFIABLE] : []);
  if (resumed && response.status !== PARTIAL) {
    await storage.dropBeginning(sha256);
    if (response.status === NOT_SATISFIABLE) {
      return theRest(storage, wanted, new Uint8Array(), options);
    }
  }
  const kept = response.status === PARTIAL ? before : new Uint8Array();
  options.onBytes?.(kept.length, false);
  const writer = new Writer(storage, sha256, kept.length);
  try {
    for await (const chunk of bodyOf(path, response, bytes - kept.length)) {
      await writer.write(chunk);
      options.onBytes?.(chunk.length, true);
    }
  } finally {
    await writer.flush();
  }
  return joined([kept, ...writer.written]);
}

/** Gathers what comes into chunks of a size that is worth a write. */
class Writer {
  readonly written: Uint8Array[] = [];
  readonly #storage: ModelStorage;
  readonly #sha256: string;
  #at: number;
  #waiting: Uint8Array[] = [];

  constructor(storage: ModelStorage, sha256: string, at: number) {
    this.#storage = storage;
    this.#sha256 = sha256;
    this.#at = at;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk);
    if (this.#waiting.reduce((sum, { length }) => sum + length, 0) >= CHUNK_BYTES) {
      await this.flush();
    }
  }

  async flush(): Promise<void> {
    if (this.#waiting.length > 0) {
      const bytes = joined(this.#waiting);
      this.#waiting = [];
      this.written.push(bytes);
      await this.#storage.append(this.#sha256, this.#at, bytes);
      this.#at += bytes.length;
    }
  }
}
