/**
 * What is known of a request's texts: from memory where they are known, from the encoder where not.
 *
 * One call of the encoder serves the whole request: its query, its history and its candidates.
 */

import type { Deadline } from "./deadline.ts";
import type { Encoded, Encoder } from "./encoder/encoder.ts";
import { RequestError } from "./errors.ts";
import { type Features, featuresOf } from "./features/features.ts";
import { Recent } from "./features/recent.ts";
import type { FeatureStore } from "./features/store.ts";
import type { Query } from "./ranking/candidates.ts";

const RECENT_QUERIES = 10_000;

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
  readonly query: Query | null;
  /** Of each subject; null where nobody knows it. */
  readonly features: readonly (Features | null)[];
  /** For each subject, whether it was known already. */
  readonly fromStore: readonly boolean[];
  /** Whether all texts were embedded before the deadline. */
  readonly inTime: boolean;
  readonly tokens: number;
  readonly encodedTexts: number;
  readonly truncatedTexts: number;
  readonly featuresMs: number;
  readonly encodeMs: number;
}

/** Finds features. */
export class Gatherer {
  readonly #encoder: Pick<Encoder, "encode">;
  readonly #store: FeatureStore;
  readonly #queries = new Recent<Query>(RECENT_QUERIES);

  constructor(encoder: Pick<Encoder, "encode">, store: FeatureStore) {
    this.#encoder = encoder;
    this.#store = store;
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
    const known = subjects.map((subject) => this.#known(subject));
    const lookedUp = performance.now();

    const knownQuery = query === null ? null : (this.#queries.get(query) ?? null);
    const texts = new Set(subjects.flatMap(({ text }, at) => (known[at] === null && text !== null ? [text] : [])));
    if (query !== null && knownQuery === null) {
      texts.add(query);
    }
    const encoded = await this.#encode([...texts], deadline, late);
    const finished = performance.now();

    const rows = [...(encoded?.values() ?? [])];
    const features = subjects.map((subject, at) => known[at] ?? this.#made(subject, encoded));
    return {
      query: knownQuery ?? this.#madeQuery(query, encoded),
      features,
      fromStore: known.map((one) => one !== null),
      inTime: encoded !== null,
      tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
      encodedTexts: rows.length,
      truncatedTexts: rows.filter(({ truncated }) => truncated).length,
      featuresMs: lookedUp - started + performance.now() - finished,
      encodeMs: finished - lookedUp,
    };
  }

  /** What is remembered of a subject, unless its text has changed since. */
  #known({ id, text }: Subject): Features | null {
    const features = id === null ? undefined : this.#store.get(id);
    return features === undefined || (text !== null && features.text !== text) ? null : features;
  }

  /** By text; null if the deadline passed and what is there will do. */
  async #encode(
    texts: readonly string[],
    deadline: Pick<Deadline, "check">,
    late: boolean,
  ): Promise<ReadonlyMap<string, Encoded> | null> {
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

  #made({ id, text, category, kept }: Subject, encoded: ReadonlyMap<string, Encoded> | null): Features | null {
    const row = text === null ? undefined : encoded?.get(text);
    if (row === undefined) {
      return null;
    }
    const before = id === null ? undefined : this.#store.get(id);
    const features = featuresOf(row, text!, category ?? before?.category ?? null);
    if (id !== null && kept) {
      this.#store.put(id, features);
    }
    return features;
  }

  #madeQuery(query: string | null, encoded: ReadonlyMap<string, Encoded> | null): Query | null {
    const row = query === null ? undefined : encoded?.get(query);
    if (row === undefined) {
      return null;
    }
    const { vector, terms } = row;
    this.#queries.put(query!, { vector, terms });
    return { vector, terms };
  }
}
