/** What a person did, kept on the device with their consent, and never sent. */

import * as v from "valibot";
import { HistoryError } from "../errors.ts";
import type { HistoryEvent, RankRequest } from "../request.ts";
import { check } from "../schema/check.ts";
import { MAX_HISTORY } from "../schema/requests.ts";
import { WholeFrom1 } from "../schema/values.ts";
import { readDocument, written } from "./document.ts";
import { type NewEvent, NewEventSchema, type RecordedEvent, RecordedEventSchema, recordedAt } from "./event.ts";
import { IndexedDbHistoryStorage } from "./indexed-db.ts";
import type { HistoryStorage, KeptHistory } from "./storage.ts";
import { timesOf } from "./times.ts";

const MOST_EVENTS = 10_000;
const MOST_DAYS = 3650;
const DAY_MS = 86_400_000;
/** A ranking waits no longer for its history. */
const PATIENCE_MS = 500;

export interface HistoryStoreOptions {
  /** Where it is kept; by default in IndexedDB, for all tabs of the origin. */
  readonly storage?: HistoryStorage;
  /** How many events are kept, 200 by default: as many as a request may hold. The oldest go first. */
  readonly mostEvents?: number;
  /** How long an event is kept, 90 days by default: what is older hardly changes an order. */
  readonly mostDays?: number;
}

const OptionsSchema = v.object({
  mostEvents: v.optional(v.pipe(WholeFrom1, v.maxValue(MOST_EVENTS)), MAX_HISTORY),
  mostDays: v.optional(v.pipe(WholeFrom1, v.maxValue(MOST_DAYS)), 90),
});

const KeptSchema = v.object({ events: v.array(RecordedEventSchema) });

/** A store of events. Until consent is given, and once it is withdrawn, it holds nothing. Tabs may use it at once. */
export class HistoryStore {
  readonly #storage: HistoryStorage;
  readonly #mostEvents: number;
  readonly #mostMs: number;

  /** @throws {RequestError} `mostEvents` is not 1 to 10,000, or `mostDays` not 1 to 3,650. */
  constructor(options: HistoryStoreOptions = {}) {
    const { mostEvents, mostDays } = check(OptionsSchema, options);
    this.#storage = options.storage ?? new IndexedDbHistoryStorage();
    this.#mostEvents = mostEvents;
    this.#mostMs = mostDays * DAY_MS;
  }

  /** @throws {HistoryError} It can't be read. */
  async hasConsent(): Promise<boolean> {
    return (await this.#read()) !== undefined;
  }

  /**
   * Record from now on: call it once the person has agreed.
   *
   * @throws {HistoryError} It can't be written.
   */
  async giveConsent(): Promise<void> {
    await this.#change((events) => events ?? []);
  }

  /**
   * Forget everything, and record nothing any more.
   *
   * @throws {HistoryError} It can't be written.
   */
  async withdrawConsent(): Promise<void> {
    await this.#change(() => undefined);
  }

  /**
   * Record what the person has just done.
   *
   * @returns Whether it was recorded: without consent it is not.
   * @throws {RequestError} The event is not valid.
   * @throws {HistoryError} It can't be written.
   */
  async record(event: NewEvent): Promise<boolean> {
    const recorded = recordedAt(Date.now(), check(NewEventSchema, event, "the event"));
    return this.#add((events) => [...events, recorded]);
  }

  /**
   * The events as requests hold them, the latest first, with their ages by now.
   *
   * @throws {HistoryError} It can't be read.
   */
  async events(): Promise<HistoryEvent[]> {
    const now = Date.now();
    return (await this.#current(now)).map(({ at, ...event }) => ({ ...event, age_s: (now - at) / 1000 })).reverse();
  }

  /**
   * A request with the latest events as its history, up to 200; one that says what its history is stays as it is. This
   * never fails: where the history can't be read, or takes longer than half a second, the request stays as it is.
   */
  async into(request: RankRequest): Promise<RankRequest> {
    if (request.user?.history !== undefined) {
      return request;
    }
    const events = await within(
      PATIENCE_MS,
      this.events().catch(() => []),
      [],
    );
    return events.length === 0
      ? request
      : { ...request, user: { ...request.user, history: events.slice(0, MAX_HISTORY) } };
  }

  /**
   * Forget what was done with one item.
   *
   * @throws {HistoryError} It can't be written.
   */
  async forget(itemId: string): Promise<void> {
    await this.#change((events) => events?.filter(({ item_id }) => item_id !== itemId));
  }

  /**
   * Forget all events; the consent stays.
   *
   * @throws {HistoryError} It can't be written.
   */
  async clear(): Promise<void> {
    await this.#change((events) => events && []);
  }

  /**
   * All of it as JSON that a person can read and keep.
   *
   * @throws {HistoryError} It can't be read.
   */
  async export(): Promise<string> {
    const now = Date.now();
    return written(await this.#current(now), now);
  }

  /**
   * Add the events of an export to those that are there; what is there already is not added twice.
   *
   * @returns Whether they were taken: without consent they are not.
   * @throws {RequestError} It is not an export.
   * @throws {HistoryError} It can't be written.
   */
  async import(json: string): Promise<boolean> {
    const imported = readDocument(json);
    return this.#add((events) => merged(events, imported));
  }

  /** Replace the events that are there, if there is consent; returns whether there is. */
  async #add(change: (events: readonly RecordedEvent[]) => readonly RecordedEvent[]): Promise<boolean> {
    let added = false;
    await this.#change((events) => {
      added = events !== undefined;
      return events && this.#bounded(change(events), Date.now());
    });
    return added;
  }

  /** The events that may still be kept, with the times when they happened, the latest last. */
  async #current(now: number): Promise<readonly RecordedEvent[]> {
    const kept = (await this.#read())?.events ?? [];
    const current = this.#bounded(kept, now);
    if (current.length < kept.length) {
      await this.#change((events) => events && this.#bounded(events, now));
    }
    const times = timesOf(
      current.map(({ at }) => at),
      now,
    );
    return current.map((event, place) => ({ ...event, at: times[place]! }));
  }

  /** Those of the events that are young enough, and the latest of them. */
  #bounded(events: readonly RecordedEvent[], now: number): readonly RecordedEvent[] {
    const times = timesOf(
      events.map(({ at }) => at),
      now,
    );
    return events.filter((_, place) => now - times[place]! <= this.#mostMs).slice(-this.#mostEvents);
  }

  async #read(): Promise<KeptHistory | undefined> {
    return telling(async () => readable(await this.#storage.read()));
  }

  /** Replace the events; undefined stands for a history without consent. */
  async #change(
    change: (events: readonly RecordedEvent[] | undefined) => readonly RecordedEvent[] | undefined,
  ): Promise<void> {
    await telling(() =>
      this.#storage.change((kept) => {
        const events = change(readable(kept)?.events);
        return events && { events };
      }),
    );
  }
}

/** What is kept, unless something else was written in its place. */
function readable(kept: unknown): KeptHistory | undefined {
  const { success, output } = v.safeParse(KeptSchema, kept);
  return success ? (output as KeptHistory) : undefined;
}

/** Both, in the order of their times; of the same event one. */
function merged(events: readonly RecordedEvent[], others: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const nameOf = ({ at, action, item_id, text, category }: RecordedEvent) =>
    JSON.stringify([at, action, item_id, text, category]);
  const known = new Set(events.map(nameOf));
  return [...events, ...others.filter((event) => !known.has(nameOf(event)))].sort((one, other) => one.at - other.at);
}

async function telling<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const full = cause instanceof Error && cause.name === "QuotaExceededError";
    throw full
      ? new HistoryError("history_full", "there is no room for the history on this device", { cause })
      : new HistoryError("history_unavailable", "the history can't be kept or read on this device", { cause });
  }
}

async function within<Result>(milliseconds: number, work: Promise<Result>, otherwise: Result): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(resolve, milliseconds, otherwise);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
