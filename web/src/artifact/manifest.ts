/** `manifest.json`, which vouches for every other file. What a device does not read is not checked. */

import * as v from "valibot";
import { ArtifactError } from "../errors.ts";
import { Bytes, Inside, Label, MOST_FILES } from "../limits.ts";
import { whereAndWhy } from "../schema/issues.ts";
import { DEVICE_FILES, ENCODER_FILES, MANIFEST, textOf } from "./files.ts";
import { sha256 } from "./sha256.ts";

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Size = v.pipe(Count, v.maxValue(1_000_000));
const Checksum = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const FileEntrySchema = v.object({ bytes: Bytes, sha256: Checksum, device: v.boolean() });

const ManifestSchema = v.object({
  schema_version: v.literal(1),
  name: Label,
  /** SHA-256 over the other files' names and checksums. */
  revision: Checksum,
  model: v.object({
    layers: Size,
    hidden_size: Size,
    embedding_size: Size,
    intermediate_size: Size,
    attention_heads: Size,
    vocabulary_size: Size,
    /** Length of a vector. */
    dimension: v.pipe(Count, v.minValue(1), v.maxValue(4096)),
    /** Most pieces of a text that are read, `[CLS]` and `[SEP]` included. */
    max_length: v.pipe(Count, v.minValue(3), v.maxValue(2048)),
  }),
  tokenizer: v.object({
    lowercase: v.boolean(),
    strip_accents: v.boolean(),
    /** 1: BERT's rules alone; 2: before them, symbols stand apart, and compatibility forms are resolved. */
    version: v.optional(v.picklist([1, 2]), 1),
  }),
  /** The manifest itself included. */
  device_bytes: Count,
  files: v.pipe(
    v.record(Inside, FileEntrySchema),
    v.check((files) => Object.keys(files).length <= MOST_FILES, "has too many files"),
  ),
});

export type FileEntry = v.InferOutput<typeof FileEntrySchema>;
export type Manifest = v.InferOutput<typeof ManifestSchema>;
export type TokenizerRules = Manifest["tokenizer"];

/**
 * Read a manifest.
 *
 * @throws {ArtifactError} It is not one that this version reads, or contradicts itself.
 */
export async function readManifest(bytes: Uint8Array): Promise<Manifest> {
  const read = v.safeParse(ManifestSchema, parsed(bytes));
  if (!read.success) {
    throw new ArtifactError(`${MANIFEST} is not valid: ${whereAndWhy(read.issues[0])}`);
  }
  const manifest = read.output;
  for (const name of DEVICE_FILES) {
    if (manifest.files[name]?.device !== true) {
      throw new ArtifactError(`${MANIFEST} is not valid: it does not list ${name} as the device's`);
    }
  }
  if ((await revisionOf(manifest.files)) !== manifest.revision) {
    throw new ArtifactError(`${MANIFEST} is not valid: its revision does not match its files`);
  }
  return manifest;
}

/** SHA-256 over `name NUL sha256 LF` of files in the order of their names. */
export async function revisionOf(files: Readonly<Record<string, FileEntry>>): Promise<string> {
  return sha256(new TextEncoder().encode(linesOf(files, Object.keys(files))));
}

/**
 * Names what an artifact's vectors depend on, and nothing else: SHA-256 over the lines of its graph and vocabulary, and a
 * line of JSON with the tokenizer's rules. A release with another ranker or card has the same.
 */
export async function encoderRevisionOf({ files, model, tokenizer }: Manifest): Promise<string> {
  const { lowercase, strip_accents, version } = tokenizer;
  // A rule that a later version knows counts only where it is set: what is released keeps its name.
  const rules = { lowercase, max_length: model.max_length, strip_accents, ...(version === 1 ? {} : { version }) };
  return sha256(new TextEncoder().encode(`${linesOf(files, ENCODER_FILES)}${JSON.stringify(rules)}\n`));
}

function linesOf(files: Readonly<Record<string, FileEntry>>, names: readonly string[]): string {
  return [...names]
    .sort()
    .map((name) => `${name}\0${files[name]!.sha256}\n`)
    .join("");
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch (error) {
    throw new ArtifactError(`${MANIFEST} is not JSON`, { cause: error });
  }
}
