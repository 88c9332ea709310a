/** A history as a file that a person reads and keeps. */

import * as v from "valibot";
import { RequestError } from "../errors.ts";
import { check } from "../schema/check.ts";
import { NewEventSchema, type RecordedEvent, recordedAt } from "./event.ts";

const FORMAT = "edge-rank-history";
const VERSION = 1;

const Time = v.pipe(
  v.string(),
  v.check((text) => Date.parse(text) >= 0, "must be a time as ISO 8601 writes it, since 1970"),
);

const DocumentSchema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  events: v.array(v.strictObject({ ...NewEventSchema.entries, at: Time })),
});

/** JSON, with times as ISO 8601 writes them, the latest event first. */
export function written(events: readonly RecordedEvent[], now: number): string {
  const document: v.InferInput<typeof DocumentSchema> & { exported_at: string } = {
    format: FORMAT,
    version: VERSION,
    exported_at: new Date(now).toISOString(),
    events: events.map((event) => ({ ...event, at: new Date(event.at).toISOString() })).reverse(),
  };
  return JSON.stringify(document, null, 2);
}

/**
 * The events of a file that `written` made, the earliest first.
 *
 * @throws {RequestError} It is not such a file.
 */
export function readDocument(json: string): RecordedEvent[] {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new RequestError("invalid_request", "the file is not valid: it is not JSON");
  }
  const { events } = check(DocumentSchema, document, "the file");
  const recorded = events.map(({ at, ...event }) => recordedAt(Date.parse(at), event)).reverse();
  return recorded.sort((one, other) => one.at - other.at); // of the same moment, in the order of the file
}
