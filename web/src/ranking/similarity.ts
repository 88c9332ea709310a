/** How like a query a text is, of whatever length. */

import { dot } from "../numbers.ts";
import type { Query, Seen, Signal } from "./candidates.ts";

/**
 * The mean of three cosines: of where a text begins, of where it fits best, and of the text as a whole; where a text is
 * short they are one. `NaN` where nobody knows the text.
 */
export function similarities(seen: readonly Seen[], query: Query): Signal {
  return Float64Array.from(seen, ({ vector, windows }) => {
    if (vector === null) {
      return Number.NaN;
    }
    const cosines = windows.map((window) => dot(window, query.vector));
    const first = cosines[0]!;
    return cosines.length === 1 ? first : (first + Math.max(...cosines) + dot(vector, query.vector)) / 3;
  });
}
