/** Fetching an artifact's files. */

import { joined } from "../bytes.ts";
import { ask, bodyOf, fileUrl, folderOf } from "../http.ts";
import { type Files, MANIFEST } from "./files.ts";
import { type Manifest, readManifest } from "./manifest.ts";

const LARGEST_MANIFEST = 1 << 20;

/** How far a download is. */
export interface Progress {
  readonly loadedBytes: number;
  readonly totalBytes: number;
  /** The file that is being fetched. */
  readonly file: string;
}

export interface FetchOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Sent with every request: an API key, for instance. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Fetch what a device needs of an artifact, a folder of files over HTTP: the manifest, then the device's files that it
 * lists. `Artifact.open` verifies them.
 *
 * @param url The folder, with or without a slash at its end; relative to the page.
 * @throws {DownloadError} A file can't be fetched, or is larger than the manifest states.
 * @throws {ArtifactError} The manifest is not one that this version reads.
 */
export async function fetchArtifact(url: string | URL, options: FetchOptions = {}): Promise<Files> {
  const folder = folderOf(url);
  const manifestBytes = await fetchFile(folder, MANIFEST, LARGEST_MANIFEST, options);
  const wanted = deviceEntries(await readManifest(manifestBytes));
  const files = new Map([[MANIFEST, manifestBytes]]);
  const totalBytes = wanted.reduce((sum, [, { bytes }]) => sum + bytes, manifestBytes.length);
  let loadedBytes = manifestBytes.length;
  for (const [file, { bytes }] of wanted) {
    const onBytes = (more: number) => {
      loadedBytes += more;
      options.onProgress?.({ loadedBytes, totalBytes, file });
    };
    files.set(file, await fetchFile(folder, file, bytes, options, onBytes));
  }
  return files;
}

async function fetchFile(
  folder: URL,
  path: string,
  most: number,
  { signal, headers }: FetchOptions,
  onBytes?: (bytes: number) => void,
): Promise<Uint8Array> {
  const response = await ask(path, fileUrl(folder, path), { signal: signal ?? null, headers: { ...headers } });
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyOf(path, response, most)) {
    chunks.push(chunk);
    onBytes?.(chunk.length);
  }
  return joined(chunks);
}

function deviceEntries(manifest: Manifest) {
  return Object.entries(manifest.files).filter(([, { device }]) => device);
}
