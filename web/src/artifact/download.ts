/** Fetching an artifact's files. */

import { DownloadError } from "../errors.ts";
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
}

/**
 * Fetch what a device needs of an artifact, a folder of files over HTTP: the manifest, then the device's files that it
 * lists. `Artifact.open` verifies them.
 *
 * @param url The folder, with or without a slash at its end; relative to the page.
 * @throws {DownloadError} A file can't be fetched, or is larger than the manifest states.
 * @throws {ArtifactError} The manifest is not one that this version reads.
 */
export async function fetchArtifact(url: string, options: FetchOptions = {}): Promise<Files> {
  const folder = folderOf(url);
  const files = new Map<string, Uint8Array>();
  const manifestBytes = await fetchFile(folder, MANIFEST, LARGEST_MANIFEST, options.signal);
  const manifest = await readManifest(manifestBytes);
  files.set(MANIFEST, manifestBytes);
  const totalBytes = manifestBytes.length + deviceEntries(manifest).reduce((sum, [, entry]) => sum + entry.bytes, 0);
  let loadedBytes = manifestBytes.length;
  for (const [file, entry] of deviceEntries(manifest)) {
    const bytes = await fetchFile(folder, file, entry.bytes, options.signal, (more) => {
      loadedBytes += more;
      options.onProgress?.({ loadedBytes, totalBytes, file });
    });
    files.set(file, bytes);
  }
  return files;
}

/** A folder's URL, against which the paths of its files are resolved. */
export function folderOf(url: string): URL {
  const base = globalThis.location?.href;
  const folder = new URL(url, base);
  if (!folder.pathname.endsWith("/")) {
    folder.pathname += "/";
  }
  return folder;
}

/**
 * The URL of a file in a folder, with the folder's query.
 *
 * @throws {DownloadError} The path leads out of the folder.
 */
export function fileUrl(folder: URL, path: string): URL {
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new DownloadError("a file's path leads out of the artifact");
  }
  const url = new URL(path.split("/").map(encodeURIComponent).join("/"), folder);
  url.search = folder.search;
  return url;
}

/**
 * The chunks of an answer's body, as they come.
 *
 * @throws {DownloadError} The connection broke, or there are more bytes than there should be.
 */
export async function* chunksOf(response: Response, path: string, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of readerOf(response)) {
      bytes += chunk.length;
      if (bytes > most) {
        throw new DownloadError(`${path} is larger than it should be`);
      }
      yield chunk;
    }
  } catch (error) {
    throw asDownloadError(error, path);
  }
}

/** An error of the network in one line; an abort stays what it is. */
export function asDownloadError(error: unknown, path: string): unknown {
  if (error instanceof DownloadError || (error instanceof Error && error.name === "AbortError")) {
    return error;
  }
  return new DownloadError(`${path} can't be fetched: the connection failed`, { cause: error });
}

/** Bytes that came in chunks. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function fetchFile(
  folder: URL,
  path: string,
  most: number,
  signal: AbortSignal | undefined,
  onBytes?: (bytes: number) => void,
): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(fileUrl(folder, path), { signal: signal ?? null });
  } catch (error) {
    throw asDownloadError(error, path);
  }
  if (!response.ok) {
    throw new DownloadError(`${path} can't be fetched: the server answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(response, path, most)) {
    chunks.push(chunk);
    onBytes?.(chunk.length);
  }
  return joined(chunks);
}

function deviceEntries(manifest: Manifest) {
  return Object.entries(manifest.files).filter(([, entry]) => entry.device);
}

/** The chunks of a body; Safari's streams can't be iterated themselves. */
async function* readerOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return;
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // of a stream that broke there is nothing left to cancel
  }
}
