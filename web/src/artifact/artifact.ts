/** A released model: files in the Hugging Face layout, with a manifest that vouches for each. */

import { ArtifactError } from "../errors.ts";
import { type Files, MANIFEST } from "./files.ts";
import { encoderRevisionOf, type FileEntry, type Manifest, readManifest } from "./manifest.ts";
import { sha256 } from "./sha256.ts";

const REVISION_CHARACTERS = 12;

/** A verified artifact. */
export class Artifact {
  readonly manifest: Manifest;
  /** Artifacts that differ in their ranker or card alone have the same: their vectors may be compared. */
  readonly encoderRevision: string;
  readonly #files: Files;

  private constructor(manifest: Manifest, encoderRevision: string, files: Files) {
    this.manifest = manifest;
    this.encoderRevision = encoderRevision;
    this.#files = files;
  }

  /**
   * Verify files: the manifest, and size and SHA-256 of every file that it lists. What is not the device's may be absent.
   *
   * @throws {ArtifactError} A file is missing or altered, or the manifest is not one that this version reads.
   */
  static async open(files: Files): Promise<Artifact> {
    const bytes = files.get(MANIFEST);
    if (bytes === undefined) {
      throw new ArtifactError(`the files are not an artifact: there is no ${MANIFEST}`);
    }
    const manifest = await readManifest(bytes);
    await Promise.all(Object.entries(manifest.files).map(([path, entry]) => verify(path, entry, files.get(path))));
    return new Artifact(manifest, await encoderRevisionOf(manifest), files);
  }

  get name(): string {
    return this.manifest.name;
  }

  get revision(): string {
    return this.manifest.revision;
  }

  /** What answers call it: its name and the beginning of its revision. */
  get label(): string {
    return `${this.name}@${this.revision.slice(0, REVISION_CHARACTERS)}`;
  }

  /** Bytes of what the device needs, the manifest included. */
  get deviceBytes(): number {
    return this.manifest.device_bytes;
  }

  /**
   * A file's contents.
   *
   * @throws {ArtifactError} The artifact has no such file.
   */
  file(path: string): Uint8Array {
    const bytes = this.#files.get(path);
    if (bytes === undefined) {
      throw new ArtifactError(`the artifact has no ${path}`);
    }
    return bytes;
  }
}

async function verify(path: string, entry: FileEntry, bytes: Uint8Array | undefined): Promise<void> {
  if (bytes === undefined) {
    if (entry.device) {
      throw new ArtifactError(`the artifact is incomplete: ${path} is missing`);
    }
    return;
  }
  if (bytes.length !== entry.bytes || (await sha256(bytes)) !== entry.sha256) {
    throw new ArtifactError(`${path} does not match its checksum in ${MANIFEST}`);
  }
}
