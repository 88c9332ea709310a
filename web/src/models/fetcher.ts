/** Brings a release's files into the storage: by a delta where that is less, else those that are not there yet. */

import type { FetchOptions } from "../artifact/download.ts";
import type { Files } from "../artifact/files.ts";
import { sha256 } from "../artifact/sha256.ts";
import { DownloadError } from "../errors.ts";
import { fileUrl } from "../http.ts";
import { applyDelta, DeltaError } from "./delta.ts";
import { deviceFiles, type Release, type ReleasedFile } from "./release.ts";
import type { ModelStorage } from "./storage.ts";
import { transfer, type Wanted } from "./transfer.ts";

export interface Fetched {
  readonly by: "files" | "delta";
  /** What came over the network. */
  readonly loadedBytes: number;
}

/** A revision that the device has. */
export interface Present {
  readonly revision: string;
  readonly files: Files;
}

/** Fetches one release. */
export class Fetcher {
  readonly #storage: ModelStorage;
  readonly #folder: URL;
  readonly #options: FetchOptions;
  #have = 0;
  #loadedBytes = 0;

  constructor(storage: ModelStorage, folder: URL, options: FetchOptions) {
    this.#storage = storage;
    this.#folder = folder;
    this.#options = options;
  }

  /**
   * @param present What the device has; null if nothing whole.
   * @throws {DownloadError} A file can't be fetched, or is not what its checksum says.
   */
  async fetch(wanted: Release, present: Present | null): Promise<Fetched> {
    const missing = await this.#missing(wanted);
    if (present !== null && (await this.#byDelta(wanted, present, missing))) {
      return { by: "delta", loadedBytes: this.#loadedBytes };
    }
    await this.#byFiles(wanted, missing);
    return { by: "files", loadedBytes: this.#loadedBytes };
  }

  async #missing(release: Release): Promise<ReleasedFile[]> {
    const missing: ReleasedFile[] = [];
    for (const file of deviceFiles(release)) {
      if ((await this.#storage.file(file.sha256)) === undefined) {
        missing.push(file);
      }
    }
    return missing;
  }

  /** Whether a delta brought all files. If anything about it is wrong, the files themselves are still to be had. */
  async #byDelta(release: Release, from: Present, missing: readonly ReleasedFile[]): Promise<boolean> {
    const offered = release.deltas.find((delta) => delta.from === from.revision);
    if (offered === undefined || offered.bytes >= (await this.#bytesToLoad(missing))) {
      return false;
    }
    const path = `delta/${from.revision}`;
    try {
      const delta = await this.#load({ ...offered, path, url: this.#url(release, path) }, offered.bytes);
      const limits = new Map(deviceFiles(release).map((file) => [file.path, file.bytes]));
      const files = await applyDelta(delta, from, { revision: release.revision, limits });
      await this.#keep(release, files);
      return true;
    } catch (error) {
      const wrong = error instanceof DeltaError || (error instanceof DownloadError && !error.temporary);
      if (!wrong) {
        throw error;
      }
      await this.#storage.dropBeginning(offered.sha256);
      return false;
    }
  }

  async #byFiles(release: Release, missing: readonly ReleasedFile[]): Promise<void> {
    const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#have = 0;
    for (const file of missing) {
      const bytes = await this.#load({ ...file, url: this.#url(release, file.path) }, total);
      await this.#storage.putFile(file.sha256, bytes);
    }
  }

  /** Bytes that the files that are missing would still take. */
  async #bytesToLoad(missing: readonly ReleasedFile[]): Promise<number> {
    let bytes = 0;
    for (const file of missing) {
      bytes += file.bytes - (await this.#storage.beginning(file.sha256)).length;
    }
    return bytes;
  }

  async #load(wanted: Wanted, totalBytes: number): Promise<Uint8Array> {
    const { onProgress, signal, headers } = this.#options;
    const onBytes = (bytes: number, fetched: boolean) => {
      this.#have += bytes;
      this.#loadedBytes += fetched ? bytes : 0;
      onProgress?.({ loadedBytes: this.#have, totalBytes, file: wanted.path });
    };
    return transfer(this.#storage, wanted, { onBytes, signal, headers });
  }

  #url(release: Release, path: string): URL {
    return fileUrl(this.#folder, `${release.revision}/${path}`);
  }

  /** @throws {DeltaError} A file is not what the release says. */
  async #keep(release: Release, files: Files): Promise<void> {
    for (const { path, sha256: checksum } of deviceFiles(release)) {
      const bytes = files.get(path);
      if (bytes === undefined || (await sha256(bytes)) !== checksum) {
        throw new DeltaError("the delta's files do not match their checksums");
      }
    }
    for (const { path, sha256: checksum } of deviceFiles(release)) {
      await this.#storage.putFile(checksum, files.get(path)!);
    }
  }
}
