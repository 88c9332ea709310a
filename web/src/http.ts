/** What can go wrong between the device and a server, told as `DownloadError`s. */

import { chunksOf } from "./bytes.ts";
import { DownloadError } from "./errors.ts";
import { LEAST_BYTES_PER_SECOND, MOST_SILENCE_MS, SLOW_AFTER_MS } from "./limits.ts";

const TOO_MANY_REQUESTS = 429;
const FIRST_SERVER_ERROR = 500;

/** A folder's URL, against which the paths of its files are resolved; relative to the page. */
export function folderOf(url: string | URL): URL {
  const folder = new URL(url, globalThis.location?.href);
  if (!folder.pathname.endsWith("/")) {
    folder.pathname += "/";
  }
  return folder;
}

/**
 * The URL of a file in a folder.
 *
 * @throws {DownloadError} The path leads out of the folder.
 */
export function fileUrl(folder: URL, path: string): URL {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new DownloadError("a file's path leads out of the artifact");
  }
  const url = new URL(parts.map(encodeURIComponent).join("/"), folder);
  url.search = folder.search;
  return url;
}

/**
 * Ask for something.
 *
 * @param what What messages call it.
 * @param answers Statuses that are answers beside those of success.
 * @throws {DownloadError} Nobody answers, or not with success.
 */
export async function ask(
  what: string,
  url: URL,
  init: RequestInit,
  answers: readonly number[] = [],
): Promise<Response> {
  const waiting = new AbortController();
  const passOn = () => waiting.abort(init.signal?.reason);
  const timer = setTimeout(() => waiting.abort(new DownloadError(`${what} ${SILENT}`, { temporary: true })), silence());
  init.signal?.addEventListener("abort", passOn);
  if (init.signal?.aborted) {
    passOn();
  }
  let response: Response;
  try {
    // Headers may hold a key, which is for this server alone: no other one is sent it.
    const redirect = isEmpty(init.headers) ? "follow" : "error";
    response = await fetch(url, { redirect, ...init, signal: waiting.signal });
  } catch (error) {
    init.signal?.removeEventListener("abort", passOn);
    throw asDownloadError(what, waiting.signal.aborted ? waiting.signal.reason : error);
  } finally {
    clearTimeout(timer); // the signal goes on, so that the body ends with it
  }
  if (!response.ok && !answers.includes(response.status)) {
    const temporary = response.status === TOO_MANY_REQUESTS || response.status >= FIRST_SERVER_ERROR;
    throw new DownloadError(`${what} can't be fetched: the server answered ${response.status}`, { temporary });
  }
  return response;
}

/**
 * The chunks of an answer's body, as they come.
 *
 * @throws {DownloadError} The connection broke, or there are more bytes than there should be.
 */
export async function* bodyOf(what: string, response: Response, most: number): AsyncGenerator<Uint8Array> {
  if (response.body === null) {
    return;
  }
  const began = performance.now();
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(response.body, { within: silence(), error: silent(what) })) {
      const seconds = (performance.now() - began) / 1000;
      if (seconds * 1000 > patience.slowAfterMs && bytes + chunk.length < seconds * patience.leastBytesPerSecond) {
        throw new DownloadError(`${what} comes too slowly`, { temporary: true });
      }
      bytes += chunk.length;
      if (bytes > most) {
        throw new DownloadError(`${what} is larger than it should be`);
      }
      yield chunk;
    }
  } catch (error) {
    throw asDownloadError(what, error);
  }
}

/** How long is waited; tests wait less. */
export const patience = {
  silenceMs: MOST_SILENCE_MS,
  slowAfterMs: SLOW_AFTER_MS,
  leastBytesPerSecond: LEAST_BYTES_PER_SECOND,
};

const silence = () => patience.silenceMs;
const SILENT = "can't be fetched: the server is silent";

function silent(what: string): () => DownloadError {
  return () => new DownloadError(`${what} ${SILENT}`, { temporary: true });
}

function isEmpty(headers: RequestInit["headers"]): boolean {
  return [...new Headers(headers).keys()].every((name) => PLAIN_HEADERS.has(name));
}

const PLAIN_HEADERS = new Set(["accept", "range", "if-range"]);

/** An error of the network in one line; an abort stays what it is. */
function asDownloadError(what: string, error: unknown): unknown {
  if (error instanceof DownloadError || (error instanceof Error && error.name === "AbortError")) {
    return error;
  }
  return new DownloadError(`${what} can't be fetched: the connection failed`, { cause: error, temporary: true });
}
