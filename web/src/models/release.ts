/** What a service releases: the answer of `GET /v1/model/`. Unknown fields are passed over: later versions add some. */

import * as v from "valibot";
import { MANIFEST } from "../artifact/files.ts";
import { DownloadError } from "../errors.ts";
import { Bytes, Inside, Label, MOST_FILES, MOST_RELEASE_BYTES } from "../limits.ts";
import { whereAndWhy } from "../schema/issues.ts";
import { takesPart } from "./rollout.ts";

const LISTING_VERSION = 1;
const ARTIFACT_VERSION = 1;

const MOST_DELTAS = 64;
const MOST_REVOKED = 10_000;

const Percent = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Checksum = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const ReleasedFileSchema = v.object({ path: Inside, bytes: Bytes, sha256: Checksum, device: v.boolean() });

const ReleaseSchema = v.object({
  schema_version: Count,
  name: Label,
  revision: Checksum,
  device_bytes: Count,
  files: v.pipe(
    v.array(ReleasedFileSchema),
    v.maxLength(MOST_FILES + 1),
    v.check((files) => new Set(files.map(({ path }) => path)).size === files.length, "names a file twice"),
    v.check((files) => files.reduce((sum, { bytes }) => sum + bytes, 0) <= MOST_RELEASE_BYTES, "is too large"),
  ),
  deltas: v.pipe(v.array(v.object({ from: Checksum, bytes: Bytes, sha256: Checksum })), v.maxLength(MOST_DELTAS)),
});

const ListingSchema = v.object({
  schema_version: Count,
  current: v.nullable(ReleaseSchema),
  candidate: v.nullable(
    v.object({ ...ReleaseSchema.entries, percent: Percent, salt: v.pipe(v.string(), v.maxLength(128)) }),
  ),
  revoked: v.pipe(v.array(Checksum), v.maxLength(MOST_REVOKED)),
});

export type ReleasedFile = v.InferOutput<typeof ReleasedFileSchema>;
/** A revision of a model. */
export type Release = v.InferOutput<typeof ReleaseSchema>;
export type Listing = v.InferOutput<typeof ListingSchema>;

/**
 * Read a listing.
 *
 * @throws {DownloadError} It is not one, or one that a later version of this library reads.
 */
export function readListing(document: unknown): Listing {
  const version = v.safeParse(v.object({ schema_version: Count }), document);
  if (version.success && version.output.schema_version > LISTING_VERSION) {
    throw new DownloadError(
      "the service lists its models in a way that is newer than this program: update the program",
    );
  }
  const read = v.safeParse(ListingSchema, document);
  if (!read.success) {
    throw new DownloadError(`the service's list of models is not valid: ${whereAndWhy(read.issues[0])}`);
  }
  return read.output;
}

/**
 * The release that a device should have; null if there is none that this version reads.
 *
 * @param refused Revisions that the device has rolled back from, or can't run.
 */
export async function releaseFor(
  listing: Listing,
  deviceId: string,
  refused: readonly string[],
): Promise<Release | null> {
  const { candidate, current, revoked } = listing;
  const may = (release: Release | null): release is Release =>
    release !== null &&
    release.schema_version <= ARTIFACT_VERSION &&
    !revoked.includes(release.revision) &&
    !refused.includes(release.revision);
  if (candidate !== null && may(candidate) && (await takesPart(candidate.salt, candidate.percent, deviceId))) {
    return candidate;
  }
  return may(current) ? current : null;
}

/**
 * What a device needs of a release, the manifest first.
 *
 * @throws {DownloadError} The release has no manifest.
 */
export function deviceFiles(release: Release): ReleasedFile[] {
  const files = release.files.filter(({ device }) => device);
  if (!files.some(({ path }) => path === MANIFEST)) {
    throw new DownloadError(`the service's list of models is not valid: a release has no ${MANIFEST}`);
  }
  return files;
}
