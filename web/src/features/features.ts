/** What is remembered of a text: vectors in eight bits, and words. */

import type { Features as Bytes, Encoded } from "../core/core.ts";

/** Vectors are kept in eight bits, as the service keeps them: so an item has the same score in both. */
export interface Features {
  /** Tells whether a text is the one that was embedded. */
  readonly text: string;
  /** As the core understands them. */
  readonly bytes: Bytes;
  /** The item's; a text has none. */
  readonly category: string | null;
}

/** What to remember of a text, or of an item with that text and category. */
export function featuresOf(encoded: Pick<Encoded, "features">, text: string, category: string | null = null): Features {
  return { text, bytes: encoded.features, category };
}
