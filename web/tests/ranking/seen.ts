/** Candidates and events of a test: little is known of them but what the test says. */

import { NO_TERMS, type Terms } from "../../src/encoder/terms.ts";
import type { Event, Seen } from "../../src/ranking/candidates.ts";

export function seen(id: string, more: Partial<Seen> = {}): Seen {
  const numbers = { score: Number.NaN, popularity: Number.NaN, ageS: Number.NaN };
  const nothing = { vector: null, terms: NO_TERMS, unreadable: false, category: null, ...numbers };
  return { id, ...nothing, windows: more.vector ? [more.vector] : [], ...more };
}

export function event(more: Partial<Event> = {}): Event {
  const nothing = { vector: null, terms: NO_TERMS, ageS: null, order: 0, itemId: null, category: null };
  return { action: "click", ...nothing, ...more };
}

export function vector(...numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (one) => one / length);
}

/** Words with those hashes, each of rarity 1. */
export function terms(...hashes: readonly number[]): Terms {
  return { ...NO_TERMS, hashes: Uint16Array.from(hashes), rarities: new Uint8Array(hashes.length).fill(170) };
}
