/** Artifacts that are made for a test: the bundled one with files changed, and its manifest true again. */

import { createHash } from "node:crypto";
import { bundledFiles } from "./bundled.ts";

const MANIFEST = "manifest.json";

type Json = Record<string, unknown>;

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The bundled device files with others in the place of some, and what of the manifest is to be otherwise. */
export async function artifactWith(
  changes: Readonly<Record<string, Uint8Array>>,
  manifest: Json = {},
): Promise<Map<string, Uint8Array>> {
  const files = await bundledFiles();
  const before = JSON.parse(new TextDecoder().decode(files.get(MANIFEST)));
  const entries: Record<string, { bytes: number; sha256: string; device: boolean }> = before.files;
  for (const [path, bytes] of Object.entries(changes)) {
    files.set(path, bytes);
    entries[path] = { bytes: bytes.length, sha256: sha256(bytes), device: true };
  }
  const lines = Object.keys(entries)
    .sort()
    .map((path) => `${path}\0${entries[path]!.sha256}\n`);
  files.set(MANIFEST, bytesOf(JSON.stringify({ ...before, revision: sha256(lines.join("")), ...manifest })));
  for (const [path, { device }] of Object.entries(entries)) {
    if (!device) {
      files.delete(path);
    }
  }
  return files;
}

/** The bundled `ranker.json`, said otherwise: another revision that ranks the same. */
export async function otherRanker(word: string): Promise<Uint8Array> {
  const ranker = JSON.parse(new TextDecoder().decode((await bundledFiles()).get("ranker.json")));
  return bytesOf(JSON.stringify({ ...ranker, learned_from: { search: word, feed: word, both: word } }));
}
