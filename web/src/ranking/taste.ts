/** Signals of what the user did: how like it a candidate is, and whether it is the very same. */

import type { Terms } from "../encoder/terms.ts";
import { dot } from "../numbers.ts";
import type { Action } from "../request.ts";
import { type Event, type Seen, type Signal, unknown } from "./candidates.ts";
import { historyOverlap } from "./lexical.ts";

const ACTION_WEIGHTS: Readonly<Record<Action, number>> = { purchase: 1, click: 0.6, view: 0.3, skip: 1 };
const HALF_LIFE_S = 7 * 86_400;
const JUST_HALF_LIFE_S = 86_400;
const DECAY_PER_EVENT = 0.8;
/** So many of the latest events of a kind, liked or skipped, speak: what is older weighs next to nothing. */
const LATEST = 50;

interface KnownEvent {
  readonly vector: Float32Array;
  readonly terms: Terms;
  readonly share: number;
}

/** What a user's events of one kind, liked or skipped, say of candidates. */
export class Taste {
  readonly #seen: readonly Seen[];
  readonly #events: readonly Event[];
  readonly #known: readonly KnownEvent[];
  readonly #cosines: readonly (readonly number[])[];

  /** @param events The latest first; of those whose items nobody knows, only the ids and categories count. */
  constructor(seen: readonly Seen[], events: readonly Event[]) {
    this.#seen = seen;
    this.#events = events.slice(0, LATEST);
    this.#known = knownOf(this.#events);
    this.#cosines = seen.map(({ vector }) =>
      vector === null ? [] : this.#known.map((event) => dot(vector, event.vector)),
    );
  }

  /** The mean of the cosines with events, by their weights. */
  similarity(): Signal {
    return this.#compared((cosines) => cosines.reduce((sum, cosine, at) => sum + cosine * this.#known[at]!.share, 0));
  }

  /** The greatest cosine with an event. */
  peak(): Signal {
    return this.#compared((cosines) => cosines.reduce((most, cosine) => Math.max(most, cosine), -1));
  }

  /** The cosine of the words (see `historyOverlap`). */
  overlap(): Signal {
    return historyOverlap(
      this.#seen,
      this.#known.map(({ terms }) => terms),
      this.#known.map(({ share }) => share),
    );
  }

  /** How recently the user had to do with the candidate itself: 1 just now, 0 never; unknown if no event has an id. */
  repeat(): Signal {
    return this.#recencyOf(this.#events, recency);
  }

  /** How recently the user bought the candidate itself: 1 just now, 0 never; unknown if no purchase has an id. */
  bought(): Signal {
    return this.#recencyOf(
      this.#events.filter(({ action }) => action === "purchase"),
      justNow,
    );
  }

  #recencyOf(events: readonly Event[], recencyOf: (event: Event) => number): Signal {
    const latest = new Map<string, number>();
    for (const event of events) {
      if (event.itemId !== null) {
        latest.set(event.itemId, Math.max(latest.get(event.itemId) ?? 0, recencyOf(event)));
      }
    }
    return latest.size === 0 ? this.#unknown() : Float64Array.from(this.#seen, ({ id }) => latest.get(id) ?? 0);
  }

  /** The share of events, by their weights, in the candidate's category; unknown where it, or they, have none. */
  categoryAffinity(): Signal {
    const placed = this.#events.filter(({ category }) => category !== null);
    const shares = new Map<string, number>();
    for (const [at, share] of sharesOf(placed).entries()) {
      const category = placed[at]!.category!;
      shares.set(category, (shares.get(category) ?? 0) + share);
    }
    if (shares.size === 0) {
      return this.#unknown();
    }
    return Float64Array.from(this.#seen, ({ category }) =>
      category === null ? Number.NaN : (shares.get(category) ?? 0),
    );
  }

  #compared(value: (cosines: readonly number[]) => number): Signal {
    if (this.#known.length === 0) {
      return this.#unknown();
    }
    return Float64Array.from(this.#seen, ({ vector }, at) =>
      vector === null ? Number.NaN : value(this.#cosines[at]!),
    );
  }

  #unknown(): Signal {
    return unknown(this.#seen.length);
  }
}

/** The events that say something: of an item that nobody knows, and that is no candidate, nothing is known. */
export function speaking(events: readonly Event[], seen: readonly Seen[]): Event[] {
  const ids = new Set<string | null>(seen.map(({ id }) => id));
  return events.filter(({ vector, category, itemId }) => vector !== null || category !== null || ids.has(itemId));
}

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

/** Events whose items are known, and how much each counts; none if none counts. */
function knownOf(events: readonly Event[]): KnownEvent[] {
  const known = events.filter(({ vector }) => vector !== null);
  return sharesOf(known).map((share, at) => ({ vector: known[at]!.vector!, terms: known[at]!.terms, share }));
}

/** How much each event counts, of sum 1; empty if none counts. */
function sharesOf(events: readonly Event[]): number[] {
  const weights = events.map((event) => ACTION_WEIGHTS[event.action] * recency(event));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total > 0 ? weights.map((weight) => weight / total) : [];
}

/** 1 for an event that has just happened, less for an older one. */
function recency(event: Event): number {
  return event.ageS === null ? DECAY_PER_EVENT ** event.order : 0.5 ** (event.ageS / HALF_LIFE_S);
}

/** 1 for an event that has just happened, little for one of last week; where ages are unknown, only the latest has. */
function justNow({ ageS, order }: Event): number {
  return ageS === null ? Number(order === 0) : 0.5 ** (ageS / JUST_HALF_LIFE_S);
}
