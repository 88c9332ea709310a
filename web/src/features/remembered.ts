import type { QueryFeatures } from "../core/core.ts";
import type { Features } from "./features.ts";
import { Recent } from "./recent.ts";
import { FeatureStore } from "./store.ts";

const RECENT_TEXTS = 50_000;
const RECENT_QUERIES = 10_000;

/**
 * What is known of items, texts and queries, in the vectors of one encoder. Those of different ones must never meet, so
 * each has a memory of its own; models that share one share it. What a ranking's text says is remembered under that text
 * alone, never as the item's.
 */
export class Remembered {
  readonly items = new FeatureStore();
  readonly texts = new Recent<Features>(RECENT_TEXTS);
  readonly queries = new Recent<QueryFeatures>(RECENT_QUERIES);
}
