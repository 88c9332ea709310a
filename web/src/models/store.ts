/** The model on the device: fetched, verified, switched as a whole, and rolled back. */

import { Artifact } from "../artifact/artifact.ts";
import type { FetchOptions } from "../artifact/download.ts";
import type { Files } from "../artifact/files.ts";
import { sha256 } from "../artifact/sha256.ts";
import { joined } from "../bytes.ts";
import { Core } from "../core/core.ts";
import type { WasmPaths } from "../core/module.ts";
import { ArtifactError, DownloadError, EdgeRankError } from "../errors.ts";
import { ask, bodyOf, folderOf } from "../http.ts";
import { Turns } from "../turns.ts";
import { Fetcher } from "./fetcher.ts";
import { deviceFiles, type Listing, type Release, readListing, releaseFor } from "./release.ts";
import type { ModelStorage, State } from "./storage.ts";

const LARGEST_LISTING = 1 << 20;

export interface UpdateOptions extends FetchOptions {
  /** Where the core's WebAssembly file lies, with which a new model is tried; by default, beside the script. */
  readonly wasmPaths?: WasmPaths | undefined;
  /**
   * Tries a new model before it takes the place of the old one; what it throws keeps the old one. `Recommender.create`
   * for instance, so that no model is switched to that this page can't run.
   */
  readonly check?: (artifact: Artifact) => Promise<unknown>;
  /** Whether a model that the device rolled back from may be taken again. */
  readonly again?: boolean;
}

/** What an update did. */
export interface Update {
  /** `unchanged`: the device has what it should have. `nothing`: there is no release for it. */
  readonly outcome: "updated" | "unchanged" | "nothing";
  /** Of the model that the device has now, if it has one. */
  readonly revision: string | null;
  /** How the new files came; null if none did. */
  readonly by: "files" | "delta" | null;
  /** Bytes that this call fetched, the list of releases not counted. */
  readonly loadedBytes: number;
}

/** What is kept; the device's id stays where it is. */
export type Kept = Omit<State, "deviceId">;

/** Keeps the model that ranks and the one before it. */
export class ModelStore {
  readonly #storage: ModelStorage;
  readonly #turns = new Turns();

  constructor(storage: ModelStorage) {
    this.#storage = storage;
  }

  /**
   * The model that ranks, verified; null if none was fetched yet.
   *
   * @throws {ArtifactError} A file is gone or damaged, as browsers may do to save space: the next update mends it.
   */
  async open(): Promise<Artifact | null> {
    const { current } = await this.#state();
    return current === null ? null : this.#open(current);
  }

  /** What is kept, its files unseen. */
  async kept(): Promise<Kept> {
    const { current, previous, refused } = await this.#state();
    return { current, previous, refused };
  }

  /** Forget everything: models, downloads that were begun, what was rolled back from, the device's id. */
  async forget(): Promise<void> {
    return this.#turns.take(() => this.#storage.clear());
  }

  /**
   * Fetch what the service has for this device, and switch to it once all of it is there and verified. A download that
   * was interrupted goes on where it ended; where a delta is smaller than the files that changed, it is taken.
   *
   * @param baseUrl Where the service lists its models, `/v1/model/` for instance; relative to the page.
   * @throws {DownloadError} Something can't be fetched. The model that was there stays; the next update goes on.
   * @throws {ArtifactError} What was fetched is not an artifact that may rank. The model that was there stays.
   */
  async update(baseUrl: string | URL, options: UpdateOptions = {}): Promise<Update> {
    return this.#turns.take(() => this.#update(folderOf(baseUrl), options));
  }

  /**
   * Return to the model before. The one that is left is not taken again by an update.
   *
   * @throws {EdgeRankError} There is no model before.
   * @throws {ArtifactError} A file of it is gone or damaged. The model that was there stays.
   */
  async rollBack(): Promise<Artifact> {
    return this.#turns.take(async () => {
      const { deviceId, current, previous, refused } = await this.#state();
      if (previous === null || current === null) {
        throw new EdgeRankError("nothing_to_roll_back", "there is no earlier model to return to");
      }
      const artifact = await this.#open(previous);
      await this.#storage.setState({
        deviceId,
        current: previous,
        previous: null,
        refused: [...refused, current.revision],
      });
      await this.#tidy();
      return artifact;
    });
  }

  async #update(folder: URL, options: UpdateOptions): Promise<Update> {
    const listing = await listed(folder, options);
    const state = await this.#obeying(listing);
    const { current, refused, deviceId } = state;
    // Who must leave a revoked model takes again what it once rolled back from.
    const again = options.again || (current !== null && listing.revoked.includes(current.revision));
    const wanted = await releaseFor(listing, deviceId, again ? [] : refused);
    if (wanted === null || (current !== null && (await this.#has(wanted, current)))) {
      const outcome = wanted === null ? "nothing" : "unchanged";
      return { outcome, revision: current?.revision ?? null, by: null, loadedBytes: 0 };
    }
    const files = current === null ? null : await this.#files(current);
    const present = current === null || files === null ? null : { revision: current.revision, files };
    await this.#tidy(wanted);
    try {
      const { by, loadedBytes } = await new Fetcher(this.#storage, folder, options).fetch(wanted, present);
      const artifact = await this.#open(wanted);
      (await Core.load(artifact, options)).release();
      await options.check?.(artifact);
      await this.#switchTo(wanted, state);
      return { outcome: "updated", revision: wanted.revision, by, loadedBytes };
    } catch (error) {
      if (error instanceof ArtifactError || (error instanceof DownloadError && !error.temporary)) {
        await this.#tidy(); // what has come is of no use the next time either
      }
      throw error;
    }
  }

  /** The state, without a model before that the service has revoked. */
  async #obeying({ revoked }: Listing): Promise<State> {
    const state = await this.#state();
    const gone = state.previous !== null && revoked.includes(state.previous.revision);
    const obeying = gone ? { ...state, previous: null } : state;
    await this.#storage.setState(obeying); // a device that is new keeps its id from here on
    return obeying;
  }

  async #switchTo(wanted: Release, { deviceId, current, previous, refused }: State): Promise<void> {
    // The same revision may come anew, when a file of it was lost or its manifest says more.
    const before = current?.revision === wanted.revision ? previous : current;
    const others = refused.filter((revision) => revision !== wanted.revision);
    await this.#storage.setState({ deviceId, current: wanted, previous: before, refused: others });
    await this.#tidy();
  }

  /** Whether a release is the one that is there, with all its files. */
  async #has(wanted: Release, current: Release): Promise<boolean> {
    const same = deviceFiles(wanted).every(({ path, sha256: checksum }) =>
      deviceFiles(current).some((one) => one.path === path && one.sha256 === checksum),
    );
    return wanted.revision === current.revision && same && (await this.#files(current)) !== null;
  }

  async #open(release: Release): Promise<Artifact> {
    const files = await this.#files(release);
    if (files === null) {
      throw new ArtifactError("a file of the model is gone or damaged: update again");
    }
    const artifact = await Artifact.open(files);
    if (artifact.revision !== release.revision) {
      throw new ArtifactError("the model is of another revision than the service says");
    }
    return artifact;
  }

  /** A release's files; null if one is not there. One that is damaged is removed, so that an update fetches it anew. */
  async #files(release: Release): Promise<Files | null> {
    const files = new Map<string, Uint8Array>();
    for (const { path, sha256: checksum } of deviceFiles(release)) {
      const bytes = await this.#storage.file(checksum);
      if (bytes === undefined) {
        return null;
      }
      if ((await sha256(bytes)) !== checksum) {
        await this.#storage.removeFile(checksum);
        return null;
      }
      files.set(path, bytes);
    }
    return files;
  }

  async #state(): Promise<State> {
    const known = await this.#storage.state();
    return known ?? { deviceId: crypto.randomUUID(), current: null, previous: null, refused: [] };
  }

  /** Forget files of other models than the two that are kept, and one that is to come. */
  async #tidy(coming: Release | null = null): Promise<void> {
    const { current, previous } = await this.#state();
    const deltas = coming?.deltas.map((delta) => delta.sha256) ?? [];
    const kept = [current, previous, coming].flatMap((release) => (release === null ? [] : deviceFiles(release)));
    await this.#storage.keepOnly(new Set([...kept.map((file) => file.sha256), ...deltas]));
  }
}

async function listed(folder: URL, { headers, signal }: UpdateOptions): Promise<Listing> {
  const what = "the list of models";
  const response = await ask(what, folder, {
    headers: { ...headers, Accept: "application/json" },
    cache: "no-cache",
    signal: signal ?? null,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyOf(what, response, LARGEST_LISTING)) {
    chunks.push(chunk);
  }
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(joined(chunks)));
  } catch (error) {
    throw new DownloadError(`${what} is not JSON`, { cause: error });
  }
  return readListing(document);
}
