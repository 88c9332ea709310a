/**
 * What is known of a request's texts: from memory where they are known, from the encoder where not.
 *
 * One call of the encoder serves the whole request: its query, its history and its candidates.
 */

import type { Deadline } from "./deadline.ts";
import type { Encoded, Encoder } from "./encoder/encoder.ts";
import { RequestError } from "./errors.ts";
import { type Features, featuresOf } from "./features/features.ts";
import type { Remembered } from "./features/remembered.ts";
import type { Query } from "./ranking/candidates.ts";

/** An item that a request speaks of. */
export interface Subject {
  readonly id: string | null;
  /** Null where there is nothing to read. */
  readonly text: string | null;
  readonly category: string | null;
  /** Whether it is remembered if its text has to be embedded and it has an id. */
  readonly kept: boolean;
}

/** What a request is about. */
export interface Gathered {
  /** Null without one, where there was no time to read it, and where it can't be read. */
  readonly query: Query | null;
  /** Of each subject; null where nobody knows it. */
  readonly features: readonly (Features | null)[];
  /** Of each subject, whether its text was read in vain: the vocabulary knows no piece of it. */
  readonly unreadable: readonly boolean[];
  /** For each subject, whether it was known already. */
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
  readonly #encoder: Pick<Encoder, "encode">;
  readonly #remembered: Remembered;

  constructor(encoder: Pick<Encoder, "encode">, remembered: Remembered) {
    this.#encoder = encoder;
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
    subjects: readonly Subject[],
    deadline: Pick<Deadline, "check">,
    late: boolean,
  ): Promise<Gathered> {
    deadline.check();
    const started = performance.now();
    const before = subjects.map(({ id }) => (id === null ? undefined : this.#remembered.items.get(id)));
    // What is remembered of a subject counts unless its text has changed since.
    const known = before.map((one, at) => {
      const { text } = subjects[at]!;
      return one === undefined || (text !== null && text !== one.text) ? null : one;
    });
    const lookedUp = performance.now();

    const knownQuery = query === null ? null : (this.#remembered.queries.get(query) ?? null);
    const texts = new Set(subjects.flatMap(({ text }, at) => (known[at] === null && text !== null ? [text] : [])));
    if (query !== null && knownQuery === null) {
      texts.add(query);
    }
    const encoded = await this.#encode([...texts], deadline, late);
    const finished = performance.now();

    const rows = [...(encoded?.values() ?? [])];
    const read: Read = new Map([...(encoded ?? [])].filter(([, { readable }]) => readable));
    return {
      query: knownQuery ?? this.#madeQuery(query, read),
      features: this.#filled(subjects, before, known, read),
      unreadable: subjects.map(({ text }) => text !== null && encoded?.get(text)?.readable === false),
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
      const encoded = await this.#encoder.encode(texts, deadline.check);
      return new Map(texts.map((text, at) => [text, encoded[at]!]));
    } catch (error) {
      if (late && error instanceof RequestError && error.code === "deadline_exceeded") {
        return null;
      }
      throw error;
    }
  }

  /** What is known of each subject after texts were read; what is to be kept of it is remembered. */
  #filled(
    subjects: readonly Subject[],
    before: readonly (Features | undefined)[],
    known: readonly (Features | null)[],
    read: Read,
  ): (Features | null)[] {
    const fresh = new Map<string, Features>();
    const features = subjects.map(({ id, text, category, kept }, at) => {
      const row = text === null ? undefined : read.get(text);
      if (known[at] != null || row === undefined) {
        return known[at]!;
      }
      const made = featuresOf(row, text!, category ?? before[at]?.category ?? null);
      if (id !== null && kept) {
        fresh.set(id, made);
      }
      return made;
    });
    for (const [id, made] of fresh) {
      this.#remembered.items.put(id, made);
    }
    // An event may name a candidate, whose text the request tells.
    return features.map((one, at) => {
      const { id, text } = subjects[at]!;
      return one ?? (id === null || text !== null ? null : (fresh.get(id) ?? null));
    });
  }

  #madeQuery(query: string | null, read: Read): Query | null {
    const row = query === null ? undefined : read.get(query);
    if (row === undefined) {
      return null;
    }
    const { vector, terms } = row;
    this.#remembered.queries.put(query!, { vector, terms });
    return { vector, terms };
  }
}
