/** Which of a history's events need not be read. */

import type { Action } from "./request.ts";

/** So many of the latest events of a kind, liked or skipped, speak: what is older weighs next to nothing. */
const LATEST = 50;

/**
 * Which events come after the `LATEST` of their kind, liked or skipped, that may speak: nobody need read them.
 *
 * An event may speak whose text can be read. One that turns out to be unreadable has had its turn: no older text is read in
 * its stead.
 *
 * @param maySpeak Of each event, the latest first, whether it has a category, a known item or a text.
 * @param actions Of each, what the user did.
 * @returns Places of events.
 */
export function unheard(maySpeak: readonly boolean[], actions: readonly Action[]): number[] {
  const heard = { liked: 0, skipped: 0 };
  return maySpeak.flatMap((may, place) => {
    const kind = actions[place] === "skip" ? "skipped" : "liked";
    if (heard[kind] === LATEST) {
      return [place];
    }
    heard[kind] += Number(may);
    return [];
  });
}
