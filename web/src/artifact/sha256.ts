import { EdgeRankError } from "../errors.ts";

/**
 * Hexadecimal SHA-256.
 *
 * @throws {EdgeRankError} The page is not in a secure context, where browsers offer no cryptography.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return [...(await digest(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256, 32 bytes; errors as of `sha256`. */
export async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new EdgeRankError("insecure_context", "checksums need a secure context: serve the page by HTTPS");
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}
