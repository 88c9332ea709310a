/**
 * What is known of what a request speaks of: from memory where it is known, from the encoder where not.
 *
 * A text speaks for itself, whatever the item of that id is; without a text, the item does. One call of the encoder serves
 * the whole request: its query, its history and its candidates.
 */

import type { Core, Encoded, QueryFeatures } from "./core/core.ts";
import type { Deadline } from "./deadline.ts";
import { RequestError } from "./errors.ts";
import { type Features, featuresOf } from "./features/features.ts";
import type { Remembered } from "./features/remembered.ts";

/** An item that a request speaks of. */
export interface Subject {
  readonly id: string | null;
  /** Null where there is nothing to read. */
  readonly text: string | null;
  readonly category: string | null;
}

/** The items that a request speaks of. */
export interface Subjects {
  readonly all: readonly Subject[];
  /**
   * So many of them, the first ones, are candidates: their texts are remembered. An event that has no text may be of one of
   * them, and then is of what the request says of it.
   */
  readonly kept: number;
  /** Given the ids of the items that are known, the places of those whose texts need not be looked at. */
  unread(known: Iterable<string>): readonly number[];
}

/** What a request is about. */
export interface Gathered {
  /** Null without one, where there was no time to read it, and where it can't be read. */
  readonly query: QueryFeatures | null;
  /** Of each subject; null where nobody knows it. */
  readonly features: readonly (Features | null)[];
  /** Of each subject, whether its text was read in vain: the vocabulary knows no piece of it. */
  readonly unreadable: readonly boolean[];
  /** For each subject, whether it was remembered. */
  readonly fromStore: readonly boolean[];
  /** Whether all texts were embedded before the deadline. */
  readonly inTime: boolean;
  readonly tokens: number;
  readonly encodedTexts: number;
  readonly truncatedTexts: number;
  readonly unreadableTexts: number;
  readonly featuresMs: number;
  readonly encodeMs: number;
}

/** What was read, by its text. */
type Read = ReadonlyMap<string, Encoded>;

/** Finds features. */
export class Gatherer {
  readonly #core: Pick<Core, "encode">;
  readonly #remembered: Remembered;

  constructor(core: Pick<Core, "encode">, remembered: Remembered) {
    this.#core = core;
    this.#remembered = remembered;
  }

  /**
   * Find what is known of a query and of subjects.
   *
   * @param late Whether to give what is there when the deadline passes before all texts are embedded.
   * @throws {RequestError} The deadline passed.
   */
  async gather(
    query: string | null,
    subjects: Subjects,
    deadline: Pick<Deadline, "check">,
    late: boolean,
  ): Promise<Gathered> {
    deadline.check();
    const started = performance.now();
    const told = toldOfCandidates(subjects);
    const items = this.#itemsOf(told);
    const all = without(told, subjects.unread(items.keys()));
    const known = all.map((one) => this.#known(one, items));
    const lookedUp = performance.now();

    const knownQuery = query === null ? null : (this.#remembered.queries.get(query) ?? null);
    const lacking = new Set(all.flatMap(({ text }, at) => (known[at] === null && text !== null ? [text] : [])));
    const texts = query === null || knownQuery !== null ? lacking : new Set([...lacking, query]);
    const encoded = await this.#encode([...texts], deadline, late);
    const finished = performance.now();

    const rows = [...(encoded?.values() ?? [])];
    const read: Read = new Map([...(encoded ?? [])].filter(([, { readable }]) => readable));
    const fresh = freshOf(lacking, read);
    this.#keep(fresh, all.slice(0, subjects.kept));
    const features = all.map(({ text }, at) => known[at] ?? (text === null ? null : (fresh.get(text) ?? null)));
    return {
      query: knownQuery ?? this.#madeQuery(query, read),
      features: features.map((one, at) => ofCategory(one, all[at]!)),
      unreadable: all.map(({ text }) => text !== null && encoded?.get(text)?.readable === false),
      fromStore: known.map((one) => one !== null),
      inTime: encoded !== null,
      tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
      encodedTexts: rows.length,
      truncatedTexts: rows.filter(({ truncated }) => truncated).length,
      unreadableTexts: rows.length - read.size,
      featuresMs: lookedUp - started + performance.now() - finished,
      encodeMs: finished - lookedUp,
    };
  }

  /** Null if the deadline passed and what is there will do. */
  async #encode(texts: readonly string[], deadline: Pick<Deadline, "check">, late: boolean): Promise<Read | null> {
    try {
      const encoded = await this.#core.encode(texts, deadline.check);
      return new Map(texts.map((text, at) => [text, encoded[at]!]));
    } catch (error) {
      if (late && error instanceof RequestError && error.code === "deadline_exceeded") {
        return null;
      }
      throw error;
    }
  }

  /** What is remembered of a subject: of its text, or of the item if it has none. */
  #known({ id, text }: Subject, items: ReadonlyMap<string, Features>): Features | null {
    if (text !== null) {
      return this.#remembered.texts.get(text) ?? null;
    }
    return id === null ? null : (items.get(id) ?? null);
  }

  /** What is known of the items of those that have no text, by their ids. */
  #itemsOf(subjects: readonly Subject[]): Map<string, Features> {
    const found = new Map<string, Features>();
    for (const { id, text } of subjects) {
      const features = id === null || text !== null ? undefined : this.#remembered.items.get(id);
      if (features !== undefined) {
        found.set(id!, features);
      }
    }
    return found;
  }

  /** Remember what was read of candidates. */
  #keep(fresh: ReadonlyMap<string, Features>, candidates: readonly Subject[]): void {
    for (const { text } of candidates) {
      const features = text === null ? undefined : fresh.get(text);
      if (features !== undefined) {
        this.#remembered.texts.put(text!, features);
      }
    }
  }

  #madeQuery(query: string | null, read: Read): QueryFeatures | null {
    const row = query === null ? undefined : read.get(query);
    if (row === undefined) {
      return null;
    }
    this.#remembered.queries.put(query!, row.query);
    return row.query;
  }
}

/** Subjects, of which events without a text have that of the candidate that they name, and its category. */
function toldOfCandidates({ all, kept }: Subjects): readonly Subject[] {
  const told = new Map(all.slice(0, kept).flatMap((one) => (one.text === null ? [] : [[one.id, one]])));
  return all.map((one, at) => {
    const candidate = at < kept || one.id === null || one.text !== null ? undefined : told.get(one.id);
    return candidate === undefined
      ? one
      : { ...one, text: candidate.text, category: one.category ?? candidate.category };
  });
}

/** The same without the texts that need not be looked at. */
function without(subjects: readonly Subject[], unread: readonly number[]): readonly Subject[] {
  const places = new Set(unread);
  return subjects.map((one, at) => (places.has(at) ? { ...one, text: null } : one));
}

/** What is known of texts from now on, by text; of those that could be read. */
function freshOf(texts: Iterable<string>, read: Read): Map<string, Features> {
  const fresh = new Map<string, Features>();
  for (const text of texts) {
    const row = read.get(text);
    if (row !== undefined) {
      fresh.set(text, featuresOf(row, text));
    }
  }
  return fresh;
}

/** Features of a text, which has no category, with the one that was found for its subject. */
function ofCategory(features: Features | null, { text, category }: Subject): Features | null {
  return features === null || text === null || category === null ? features : { ...features, category };
}
