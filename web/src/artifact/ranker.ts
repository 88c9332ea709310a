/**
 * `ranker.json`: how much each signal counts, in each situation. A signal that is not named weighs nothing, so that a file
 * from before a signal was thought of still loads.
 */

import * as v from "valibot";
import { ArtifactError } from "../errors.ts";
import { SIGNALS } from "../response.ts";
import { whereAndWhy } from "../schema/issues.ts";
import { RANKER, textOf } from "./files.ts";

// A signal is at most 1: with weights of at most a million, a sum of them is far from overflowing.
const LARGEST_WEIGHT = 1e6;
/** In the core's order. */
const SITUATIONS = ["search", "feed", "both"] as const;

const Weight = v.pipe(v.number(), v.minValue(-LARGEST_WEIGHT), v.maxValue(LARGEST_WEIGHT));
const Weighed = v.strictObject(v.entriesFromList(SIGNALS, v.optional(Weight, 0)));
const Document = v.strictObject({
  schema_version: v.picklist([2, 3]),
  weights: v.strictObject(v.entriesFromList(SITUATIONS, Weighed)),
  learned_from: v.strictObject(v.entriesFromList(SITUATIONS, v.string())),
  left_out: v.optional(v.array(v.unknown())), // what the weights are worth: nothing to a device
});

/**
 * Read an artifact's weights: `[situations][signals]`.
 *
 * @throws {ArtifactError} The file weighs signals that this version does not know, or too much.
 */
export function readRanker(bytes: Uint8Array): Float64Array {
  const read = v.safeParse(Document, parsed(bytes));
  if (!read.success) {
    throw new ArtifactError(`${RANKER} is not valid: ${whereAndWhy(read.issues[0])}`);
  }
  const { weights } = read.output;
  return Float64Array.from(SITUATIONS.flatMap((situation) => SIGNALS.map((name) => weights[situation][name])));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch (error) {
    throw new ArtifactError(`${RANKER} is not JSON`, { cause: error });
  }
}
