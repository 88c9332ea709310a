/**
 * `ranker.json`: how much each signal counts, in each situation. A signal that is not named weighs nothing, so that a file
 * from before a signal was thought of still loads.
 */

import * as v from "valibot";
import type { Artifact } from "../artifact/artifact.ts";
import { RANKER, textOf } from "../artifact/files.ts";
import { ArtifactError } from "../errors.ts";
import type { RankerName } from "../request.ts";
import { SIGNALS, type SignalName } from "../response.ts";
import { whereAndWhy } from "../schema/issues.ts";

export type Weights = Readonly<Record<SignalName, number>>;
export type Situation = "search" | "feed" | "both";

// A signal is at most 1: with weights of at most a million, a sum of them is far from overflowing.
const LARGEST_WEIGHT = 1e6;

const Weight = v.pipe(v.number(), v.minValue(-LARGEST_WEIGHT), v.maxValue(LARGEST_WEIGHT));
const Weighed = v.strictObject(v.entriesFromList(SIGNALS, v.optional(Weight, 0)));
const Document = v.strictObject({
  schema_version: v.picklist([2, 3]),
  weights: v.strictObject({ search: Weighed, feed: Weighed, both: Weighed }),
  learned_from: v.strictObject({ search: v.string(), feed: v.string(), both: v.string() }),
  left_out: v.optional(v.array(v.unknown())), // what the weights are worth: nothing to a device
});

// On the same path as the learned weights. A place counts too little to overrule any score.
const BASELINES: Readonly<Record<Exclude<RankerName, "fused">, Weights>> = {
  dense: only({ query_similarity: 1, history_similarity: 1 }),
  lexical: only({ query_overlap: 1, history_overlap: 1 }),
  upstream: only({ upstream_score: 1, upstream_position: 1e-3 }),
};

/** The weights of an artifact, and those of the baselines. */
export class Ranker {
  readonly #learned: Readonly<Record<Situation, Weights>>;

  /** @throws {ArtifactError} The file weighs signals that this version does not know, or too much. */
  constructor(artifact: Artifact) {
    const read = v.safeParse(Document, parsed(artifact.file(RANKER)));
    if (!read.success) {
      throw new ArtifactError(`${RANKER} is not valid: ${whereAndWhy(read.issues[0])}`);
    }
    this.#learned = read.output.weights;
  }

  weights(ranker: RankerName, situation: Situation): Weights {
    return ranker === "fused" ? this.#learned[situation] : BASELINES[ranker];
  }
}

/**
 * Which weights fit a request: of a history, what is known of its events counts. With neither a query nor a history, it is
 * a feed of which little is known.
 */
export function situationOf(hasQuery: boolean, hasHistory: boolean): Situation {
  if (hasQuery) {
    return hasHistory ? "both" : "search";
  }
  return "feed";
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch (error) {
    throw new ArtifactError(`${RANKER} is not JSON`, { cause: error });
  }
}

function only(weights: Partial<Weights>): Weights {
  return Object.fromEntries(SIGNALS.map((name) => [name, weights[name] ?? 0])) as Weights;
}
