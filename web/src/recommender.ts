/** Answers a rank request on the device: gather vectors, compute signals, score, arrange, explain. */

import type { Artifact } from "./artifact/artifact.ts";
import { type Answer, Core, type CoreOptions, type Event, type Candidate as Seen } from "./core/core.ts";
import { Deadline } from "./deadline.ts";
import { unheard } from "./events.ts";
import { type Features, featuresOf } from "./features/features.ts";
import { Remembered } from "./features/remembered.ts";
import { type Gathered, Gatherer, type Subjects } from "./gathering.ts";
import type { HistoryStore } from "./history/store.ts";
import type { Candidate, HistoryEvent, Item, RankOptions, RankRequest } from "./request.ts";
import {
  type RankResponse,
  type RankResult,
  type RankUsage,
  SIGNALS,
  type SignalContribution,
  type SignalName,
  type Status,
} from "./response.ts";
import { checkCatalogue, checkItems, checkMostWindows, checkRank, MOST_WINDOWS } from "./schema/requests.ts";
import { hasWords } from "./schema/text.ts";
import { Turns } from "./turns.ts";

export interface RecommenderOptions extends CoreOptions {
  /** Items that are known for good. */
  readonly catalogue?: readonly Item[];
  /** What the person did, for requests that say nothing of it themselves (`user.history`). */
  readonly history?: HistoryStore | undefined;
  /**
   * Whose place it takes: what that one remembers is taken over, the catalogue included, if the artifacts have the same
   * encoder. Both may be used until one is released.
   */
  readonly predecessor?: Recommender | undefined;
}

/** Ranks candidates. What it knows of items, texts and queries lies in memory alone. */
export class Recommender {
  readonly artifact: Artifact;
  readonly #core: Core;
  readonly #mostWindows: number;
  readonly #history: HistoryStore | undefined;
  readonly #remembered: Remembered;
  readonly #gatherer: Gatherer;
  readonly #turns = new Turns();

  private constructor(artifact: Artifact, core: Core, options: RecommenderOptions) {
    this.artifact = artifact;
    this.#core = core;
    this.#mostWindows = options.mostWindows ?? MOST_WINDOWS;
    this.#history = options.history;
    this.#remembered = this.sharesEncoder(options.predecessor) ? options.predecessor.#remembered : new Remembered();
    this.#gatherer = new Gatherer(core, this.#remembered);
  }

  /**
   * Load an artifact, and embed the catalogue.
   *
   * @throws {ArtifactError} The graph, the vocabulary or the ranker is not what it should be.
   * @throws {EdgeRankError} The core's WebAssembly can't be had here, or there is no memory.
   * @throws {RequestError} An item of the catalogue is not valid, or repeats an id; or `mostWindows` is not 1 to 64.
   */
  static async create(artifact: Artifact, options: RecommenderOptions = {}): Promise<Recommender> {
    const catalogue = options.catalogue ?? [];
    checkCatalogue(catalogue);
    checkMostWindows(options.mostWindows);
    const recommender = new Recommender(artifact, await Core.load(artifact, options), options);
    const { items } = recommender.#remembered;
    const lacking = catalogue.filter((item) => items.pinned(item.id)?.text !== textOf(item));
    for (const [id, features] of await recommender.#embedded(lacking)) {
      items.pin(id, features);
    }
    return recommender;
  }

  /** Whether another's vectors are of the same kind: of the same encoder, with as many windows of a text. */
  sharesEncoder(other: Recommender | undefined): other is Recommender {
    return (
      other?.artifact.encoderRevision === this.artifact.encoderRevision && other.#mostWindows === this.#mostWindows
    );
  }

  /**
   * Embed items and remember them, so that later requests name them by id alone; a known item is replaced. One of whose
   * text the model's vocabulary knows nothing is not remembered.
   *
   * @throws {RequestError} An item is not valid, or repeats an id, or there are too many.
   */
  async index(items: readonly Item[]): Promise<void> {
    checkItems(items);
    await this.#turns.take(async () => {
      const embedded = new Map(await this.#embedded(items));
      for (const { id } of items) {
        const features = embedded.get(id);
        if (features === undefined) {
          this.#remembered.items.delete(id); // what was known of it was of another text
        } else {
          this.#remembered.items.put(id, features);
        }
      }
    });
  }

  /**
   * Put a request's candidates in order. Requests are answered one after another.
   *
   * @throws {RequestError} The request is not valid, or the deadline passed and the backend's own scores do not suffice.
   */
  async rank(request: RankRequest): Promise<RankResponse> {
    const arrived = performance.now();
    checkRank(request);
    const deadline = new Deadline(request.options?.deadline_ms ?? null);
    return this.#turns.take(async () => {
      const told = this.#history === undefined ? request : await this.#history.into(request);
      return this.#rank(told, deadline, arrived);
    });
  }

  /** The vectors of texts: float32 `[dimension]` each, of unit length. */
  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    return this.#turns.take(async () => this.#core.encode(texts).map(({ vector }) => vector));
  }

  /** Give the model's memory back, after what was asked before is answered. */
  async release(): Promise<void> {
    await this.#turns.take(async () => this.#core.release());
  }

  async #rank(request: RankRequest, deadline: Deadline, arrived: number): Promise<RankResponse> {
    const options = request.options ?? {};
    const excluded = new Set(options.exclude);
    const places = [...request.candidates.keys()].filter((place) => !excluded.has(request.candidates[place]!.id));
    const candidates = places.map((place) => request.candidates[place]!);
    const history = request.user?.history ?? [];
    const query = words(request.query);

    // The backend's own scores suffice for an order; without them, an answer in time would be a guess.
    const late = candidates.length > 0 && candidates.every((one) => one.score != null);
    const gathered = await this.#gatherer.gather(query, subjectsOf(candidates, history), deadline, late);

    const started = performance.now();
    const ranker = options.ranker ?? "fused";
    const answer = this.#core.rank({
      query: gathered.query,
      candidates: candidates.map((one, at) => seenOf(one, gathered.features[at]!, gathered.unreadable[at]!)),
      events: history.map((one, at) => eventOf(one, gathered.features[candidates.length + at]!)),
      ranker,
      // A query that can't be read is none, one for which there was no time is.
      isSearch: query !== null && !gathered.inTime,
      ...slateOf(options, candidates),
    });
    const results = Array.from(answer.order, (one, at): RankResult => {
      const result = {
        id: candidates[one]!.id,
        index: places[one]!,
        rank: at + 1,
        score: answer.scores[one]!,
        status: statusOf(gathered, one),
      };
      return options.explain ? { ...result, explanation: explanationOf(answer, one) } : result;
    });
    const scored = performance.now();

    return {
      request_id: request.request_id ?? crypto.randomUUID().replaceAll("-", ""),
      model: this.artifact.label,
      ranker,
      results,
      degraded: gathered.inTime ? [] : ["deadline"],
      usage: usageOf(gathered, candidates.length, answer),
      timing_ms: {
        total: milliseconds(scored - arrived),
        features: milliseconds(gathered.featuresMs),
        encode: milliseconds(gathered.encodeMs),
        score: milliseconds(scored - started),
      },
    };
  }

  async #embedded(items: readonly Item[]): Promise<[id: string, features: Features][]> {
    const texts = items.map(textOf);
    const encoded = this.#core.encode(texts);
    return items.flatMap(({ id, category }, at) =>
      encoded[at]!.readable ? [[id, featuresOf(encoded[at]!, texts[at]!, category ?? null)]] : [],
    );
  }
}

/** What the model reads of an item. */
function textOf({ text, title, description }: Item): string {
  return text || [title, description].filter((part) => part).join(". ");
}

/** The text, or null if there is nothing in it to read. */
function words(text: string | null | undefined): string | null {
  return text != null && hasWords(text) ? text : null;
}

function subjectsOf(candidates: readonly Candidate[], history: readonly HistoryEvent[]): Subjects {
  const asked = candidates.map(({ id, text, category }) => ({ id, text: words(text), category: category ?? null }));
  const events = history.map(({ item_id, text }) => ({ id: item_id ?? null, text: words(text), category: null }));
  return {
    all: [...asked, ...events],
    kept: asked.length,
    unread: (known) => {
      const heardOf = new Set<string | null>([...known, ...asked.map(({ id }) => id)]);
      const maySpeak = events.map(
        ({ id, text }, at) => text !== null || history[at]!.category != null || heardOf.has(id),
      );
      const actions = history.map(({ action }) => action);
      return unheard(maySpeak, actions).map((place) => asked.length + place);
    },
  };
}

/** A candidate with what is known of its item; what the request says of it comes first. */
function seenOf(sent: Candidate, features: Features | null, unreadable: boolean): Seen {
  return {
    id: sent.id,
    category: sent.category ?? features?.category ?? null,
    features: features?.bytes ?? null,
    score: sent.score ?? Number.NaN,
    popularity: sent.features?.popularity ?? Number.NaN,
    ageS: sent.features?.age_s ?? Number.NaN,
    unreadable,
  };
}

function eventOf(sent: HistoryEvent, features: Features | null): Event {
  return {
    itemId: sent.item_id ?? null,
    category: sent.category ?? features?.category ?? null,
    features: features?.bytes ?? null,
    ageS: sent.age_s ?? Number.NaN,
    action: sent.action,
  };
}

function slateOf(options: RankOptions, candidates: readonly Candidate[]) {
  const places = new Map(candidates.map(({ id }, place) => [id, place]));
  return {
    pinned: (options.pin ?? []).flatMap((id) => places.get(id) ?? []),
    topN: options.top_n ?? 0,
    diversity: options.diversity ?? 0,
    maxPerCategory: options.max_per_category ?? 0,
  };
}

/** Why a candidate has its score: what each signal said, and what it added. */
function explanationOf({ signals, contributions, weights, scores }: Answer, candidate: number) {
  const explained = SIGNALS.map((name, at): [SignalName, SignalContribution] => {
    const place = at * scores.length + candidate;
    const value = signals[place]!;
    const contribution = { weight: weights[at]!, contribution: contributions[place]! };
    return [name, Number.isNaN(value) ? contribution : { ...contribution, value }];
  });
  return Object.fromEntries(explained) as Record<SignalName, SignalContribution>;
}

function statusOf({ features, unreadable }: Gathered, candidate: number): Status {
  if (features[candidate] != null) {
    return "ok";
  }
  return unreadable[candidate] ? "unreadable" : "missing";
}

function usageOf(gathered: Gathered, candidates: number, { knownEvents }: Answer): RankUsage {
  return {
    tokens: gathered.tokens,
    encoded_texts: gathered.encodedTexts,
    cached_items: gathered.fromStore.slice(0, candidates).filter((known) => known).length,
    missing_items: gathered.features.slice(0, candidates).filter((known) => known === null).length,
    truncated_texts: gathered.truncatedTexts,
    unreadable_texts: gathered.unreadableTexts,
    known_events: knownEvents,
  };
}

function milliseconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}
