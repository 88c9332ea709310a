/**
 * Deltas: what turns the files of one revision into those of another.
 *
 *     "ERDL" | uint32 version | uint32 bytes of the index | the index, JSON | the files' sections, raw deflate
 *
 * All integers are little-endian. A section is a whole file, or steps of 12 bytes (add, copy, seek), the differences that
 * are added to old bytes, and the bytes that are new.
 */

import * as v from "valibot";
import { type Files, textOf } from "../artifact/files.ts";
import { chunksOf, joined } from "../bytes.ts";

const MAGIC = "ERDL";
const VERSION = 1;
const HEADER_BYTES = 12;
const STEP_BYTES = 12;
const LARGEST_PATCHED = 16 * 1024 * 1024;
const LEAST_STEP = 4;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const EntrySchema = v.object({
  path: v.string(),
  kind: v.picklist(["same", "whole", "patch"]),
  bytes: Count,
  packed: Count,
  steps: Count,
});
const IndexSchema = v.object({ from: v.string(), to: v.string(), files: v.array(EntrySchema) });

type Entry = v.InferOutput<typeof EntrySchema>;

/** The bytes are not a delta between these files; take the files themselves. */
export class DeltaError extends Error {
  override readonly name = "DeltaError";
}

/**
 * The files of the new revision. Who calls verifies their checksums, also of those that stayed the same.
 *
 * @param limits Most bytes of each file, by its path: no file becomes larger than its release says.
 * @throws {DeltaError} The delta is not valid, or of other files.
 */
export async function applyDelta(
  delta: Uint8Array,
  from: { readonly revision: string; readonly files: Files },
  to: { readonly revision: string; readonly limits: ReadonlyMap<string, number> },
): Promise<Files> {
  const { index, sections } = read(delta);
  if (index.from !== from.revision || index.to !== to.revision) {
    throw new DeltaError("the delta is one of other revisions");
  }
  if (index.files.length !== to.limits.size || new Set(index.files.map(({ path }) => path)).size !== to.limits.size) {
    throw new DeltaError("the delta's files are not those of the release");
  }
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (const entry of index.files) {
    if (entry.bytes !== to.limits.get(entry.path)) {
      throw new DeltaError("the delta's files are not those of the release");
    }
    const section = sections.subarray(at, at + entry.packed);
    files.set(entry.path, await result(entry, section, from.files.get(entry.path)));
    at += entry.packed;
  }
  return files;
}

function read(delta: Uint8Array) {
  const view = new DataView(delta.buffer, delta.byteOffset, delta.byteLength);
  if (delta.length < HEADER_BYTES || String.fromCharCode(...delta.subarray(0, 4)) !== MAGIC) {
    throw new DeltaError("the bytes are not a delta");
  }
  if (view.getUint32(4, true) !== VERSION) {
    throw new DeltaError("the delta is of another version");
  }
  const end = HEADER_BYTES + view.getUint32(8, true);
  const index = v.safeParse(IndexSchema, parsed(delta.subarray(HEADER_BYTES, end)));
  if (!index.success) {
    throw new DeltaError("the delta's index is not valid");
  }
  return { index: index.output, sections: delta.subarray(end) };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch (error) {
    throw new DeltaError("the delta's index is not JSON", { cause: error });
  }
}

async function result(entry: Entry, section: Uint8Array, old: Uint8Array | undefined): Promise<Uint8Array> {
  if (entry.kind === "whole") {
    return inflated(section, entry.bytes);
  }
  if (old === undefined) {
    throw new DeltaError("the delta needs a file that is not there");
  }
  if (entry.kind === "same") {
    return old;
  }
  // bsdiff begins a step where at least eight bytes fit better; a larger file is never patched.
  if (Math.max(old.length, entry.bytes) > LARGEST_PATCHED || entry.steps > entry.bytes / LEAST_STEP + 2) {
    throw new DeltaError("the delta's patch is larger than one can be");
  }
  return patched(old, await inflated(section, STEP_BYTES * entry.steps + entry.bytes), entry.steps);
}

function patched(old: Uint8Array, section: Uint8Array, steps: number): Uint8Array {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const step = (at: number, field: number) => view.getInt32(STEP_BYTES * at + 4 * field, true);
  const added = Array.from({ length: steps }, (_, at) => step(at, 0)).reduce((sum, add) => sum + add, 0);
  const bytes = new Uint8Array(section.length - STEP_BYTES * steps);
  let difference = STEP_BYTES * steps;
  let literal = difference + added;
  let place = 0;
  let end = 0;
  for (let at = 0; at < steps; at++) {
    const [add, copy, seek] = [step(at, 0), step(at, 1), step(at, 2)];
    if (add < 0 || copy < 0 || end + add + copy > bytes.length || literal + copy > section.length) {
      throw new DeltaError("the delta's steps make more than the file");
    }
    if (add > 0 && (place < 0 || place + add > old.length)) {
      throw new DeltaError("the delta leads out of the file that it changes");
    }
    for (let one = 0; one < add; one++) {
      bytes[end++] = old[place++]! + section[difference++]!; // an array of bytes keeps the lowest eight bits
    }
    bytes.set(section.subarray(literal, literal + copy), end);
    literal += copy;
    end += copy;
    place += seek;
  }
  if (end !== bytes.length) {
    throw new DeltaError("the delta does not make a whole file");
  }
  return bytes;
}

/** Inflate exactly so many bytes. */
async function inflated(section: Uint8Array, bytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const packed = new Blob([section as Uint8Array<ArrayBuffer>]).stream();
    for await (const chunk of chunksOf(packed.pipeThrough(new DecompressionStream("deflate-raw")))) {
      length += chunk.length;
      if (length > bytes) {
        break;
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw new DeltaError("the delta can't be unpacked", { cause: error });
  }
  if (length !== bytes) {
    throw new DeltaError("the delta has another size than its index says");
  }
  return joined(chunks);
}
