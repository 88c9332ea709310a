/** A model in words. */

import type { Origin } from "./device/protocol.ts";
import { bytes } from "./format.ts";

const REVISION_CHARACTERS = 12; // as answers and the command line shorten it

export function shortRevision(revision: string): string {
  return revision.slice(0, REVISION_CHARACTERS);
}

/** Where a model came from, and what it took. */
export function originOf({ by, bytes: count }: Origin): string {
  if (by === "kept") return "Kept here";
  return by === "delta" ? `A delta of ${bytes(count)}` : `Files, ${bytes(count)}`;
}
