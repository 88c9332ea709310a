import type { Query } from "../ranking/candidates.ts";
import { Recent } from "./recent.ts";
import { FeatureStore } from "./store.ts";

const RECENT_QUERIES = 10_000;

/**
 * What is known of items and queries, in the vectors of one encoder. Those of different ones must never meet, so each has
 * a memory of its own; models that share one share it.
 */
export class Remembered {
  readonly items = new FeatureStore();
  readonly queries = new Recent<Query>(RECENT_QUERIES);
}
