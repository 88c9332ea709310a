/** What a service releases: the answer of `GET /v1/model/`. Unknown fields are passed over: later versions add some. */

import * as v from "valibot";
import { MANIFEST } from "../artifact/files.ts";
import { DownloadError } from "../errors.ts";
import { whereAndWhy } from "../schema/issues.ts";
import { takesPart } from "./rollout.ts";

const LISTING_VERSION = 1;
const ARTIFACT_VERSION = 1;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Checksum = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const ReleasedFileSchema = v.object({ path: v.string(), bytes: Count, sha256: Checksum, device: v.boolean() });

const ReleaseSchema = v.object({
  schema_version: Count,
  name: v.string(),
  revision: Checksum,
  device_bytes: Count,
  files: v.array(ReleasedFileSchema),
  deltas: v.array(v.object({ from: Checksum, bytes: Count, sha256: Checksum })),
});

const ListingSchema = v.object({
  schema_version: Count,
  current: v.nullable(ReleaseSchema),
  candidate: v.nullable(v.object({ ...ReleaseSchema.entries, percent: v.number(), salt: v.string() })),
  revoked: v.array(Checksum),
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
