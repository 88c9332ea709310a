/** What a person clicked and skipped, the latest first. It lives in the page, and goes with it. */

import type { HistoryEvent } from "./api.ts";

/** A person tells one of these by a button; the service knows views and purchases too. */
export type Deed = "click" | "skip";

export interface Happened {
  readonly item: string;
  readonly action: Deed;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const MOST = 50; // as many as speak, docs/explanation/ranking.md

/** A history with one more event; what was done with the same item before no longer counts. */
export function withEvent(history: readonly Happened[], event: Happened): Happened[] {
  return [event, ...withoutItem(history, event.item)].slice(0, MOST);
}

export function withoutItem(history: readonly Happened[], item: string): Happened[] {
  return history.filter((one) => one.item !== item);
}

export function toldAt(history: readonly Happened[], now: number): HistoryEvent[] {
  return history.map(({ item, action, at }) => ({
    item_id: item,
    action,
    age_s: Math.max(0, Math.round((now - at) / 1000)),
  }));
}
