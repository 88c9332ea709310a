/** Answers a rank request on the device: gather vectors, compute signals, score, arrange, explain. */

import type { Artifact } from "./artifact/artifact.ts";
import { Deadline } from "./deadline.ts";
import { Encoder } from "./encoder/encoder.ts";
import type { WasmPaths } from "./encoder/graph.ts";
import { NO_TERMS } from "./encoder/terms.ts";
import { hasWords, sanitized } from "./encoder/text.ts";
import { type Features, featuresOf, unitVector } from "./features/features.ts";
import { FeatureStore } from "./features/store.ts";
import { type Gathered, Gatherer, type Subject } from "./gathering.ts";
import { type Arrangement, arrange } from "./ranking/arrangement.ts";
import type { Event, Seen } from "./ranking/candidates.ts";
import { explain, score } from "./ranking/scorer.ts";
import { computeSignals } from "./ranking/signals.ts";
import { Ranker, situationOf } from "./ranking/weights.ts";
import type { Candidate, HistoryEvent, Item, RankOptions, RankRequest } from "./request.ts";
import type { RankResponse, RankResult, RankUsage } from "./response.ts";
import { checkCatalogue, checkItems, checkRank } from "./schema/requests.ts";
import { Turns } from "./turns.ts";

export interface RecommenderOptions {
  /** Where ONNX Runtime's WebAssembly file lies; by default, beside the script. */
  readonly wasmPaths?: WasmPaths;
  /** Items that are known for good. */
  readonly catalogue?: readonly Item[];
}

/** Ranks candidates. What it knows of items, and of queries, lies in memory alone. */
export class Recommender {
  readonly artifact: Artifact;
  readonly #encoder: Encoder;
  readonly #ranker: Ranker;
  readonly #store = new FeatureStore();
  readonly #gatherer: Gatherer;
  readonly #turns = new Turns();

  private constructor(artifact: Artifact, ranker: Ranker, encoder: Encoder) {
    this.artifact = artifact;
    this.#ranker = ranker;
    this.#encoder = encoder;
    this.#gatherer = new Gatherer(encoder, this.#store);
  }

  /**
   * Load an artifact's graph, and embed the catalogue.
   *
   * @throws {ArtifactError} The graph, the vocabulary or the ranker is not what it should be.
   * @throws {RequestError} An item of the catalogue is not valid, or repeats an id.
   */
  static async create(artifact: Artifact, options: RecommenderOptions = {}): Promise<Recommender> {
    const catalogue = options.catalogue ?? [];
    checkCatalogue(catalogue);
    const ranker = new Ranker(artifact);
    const recommender = new Recommender(artifact, ranker, await Encoder.open(artifact, options.wasmPaths));
    for (const [id, features] of await recommender.#embedded(catalogue)) {
      recommender.#store.pin(id, features);
    }
    return recommender;
  }

  /**
   * Embed items and remember them, so that later requests name them by id alone; a known item is replaced.
   *
   * @throws {RequestError} An item is not valid, or repeats an id, or there are too many.
   */
  async index(items: readonly Item[]): Promise<void> {
    checkItems(items);
    await this.#turns.take(async () => {
      for (const [id, features] of await this.#embedded(items)) {
        this.#store.put(id, features);
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
    return this.#turns.take(() => this.#rank(request, deadline, arrived));
  }

  /** The vectors of texts: float32 `[dimension]` each, of unit length. */
  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    return this.#turns.take(async () => (await this.#encoder.encode(texts)).map(({ vector }) => vector));
  }

  /** Free the graph's memory, after what was asked before is answered. */
  async release(): Promise<void> {
    await this.#turns.take(() => this.#encoder.release());
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
    const seen = candidates.map((one, at) => seenOf(one, gathered.features[at]!));
    const events = history.map((one, at) => eventOf(one, at, gathered.features[candidates.length + at]!));
    const ranker = options.ranker ?? "fused";
    const weights = this.#ranker.weights(ranker, situationOf(query !== null, history.length > 0));
    const signals = computeSignals(seen, gathered.query, events);
    const scores = score(signals, weights);
    const order = arrange(scores.totals, seen, arrangementOf(options, seen));
    const results = order.map((one, at): RankResult => {
      const { id, vector } = seen[one]!;
      const status = vector === null ? "missing" : "ok";
      const result = { id, index: places[one]!, rank: at + 1, score: scores.totals[one]!, status } as const;
      return options.explain ? { ...result, explanation: explain(signals, scores, weights, one) } : result;
    });
    const scored = performance.now();

    return {
      request_id: request.request_id ?? crypto.randomUUID().replaceAll("-", ""),
      model: this.artifact.label,
      ranker,
      results,
      degraded: gathered.inTime ? [] : ["deadline"],
      usage: usageOf(gathered, seen),
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
    const encoded = await this.#encoder.encode(texts);
    return items.map(({ id, category }, at) => [id, featuresOf(encoded[at]!, texts[at]!, category ?? null)]);
  }
}

/** What the model reads of an item. */
function textOf({ text, title, description }: Item): string {
  return text || [title, description].filter((part) => part).join(". ");
}

/** The text, or null if there is nothing in it to read. */
function words(text: string | null | undefined): string | null {
  return text != null && hasWords(text) ? sanitized(text) : null;
}

function subjectsOf(candidates: readonly Candidate[], history: readonly HistoryEvent[]): Subject[] {
  return [
    ...candidates.map(({ id, text, category }) => ({ id, text: words(text), category: category ?? null, kept: true })),
    ...history.map(({ item_id, text }) => ({ id: item_id ?? null, text: words(text), category: null, kept: false })),
  ];
}

/** A candidate with what is known of its item; what the request says of it comes first. */
function seenOf(sent: Candidate, features: Features | null): Seen {
  return {
    id: sent.id,
    vector: features === null ? null : unitVector(features.codes),
    terms: features?.terms ?? NO_TERMS,
    category: sent.category ?? features?.category ?? null,
    score: sent.score ?? Number.NaN,
    popularity: sent.features?.popularity ?? Number.NaN,
    ageS: sent.features?.age_s ?? Number.NaN,
  };
}

function eventOf(sent: HistoryEvent, order: number, features: Features | null): Event {
  return {
    vector: features === null ? null : unitVector(features.codes),
    terms: features?.terms ?? NO_TERMS,
    action: sent.action,
    ageS: sent.age_s ?? null,
    order,
    itemId: sent.item_id ?? null,
    category: sent.category ?? features?.category ?? null,
  };
}

function arrangementOf(options: RankOptions, seen: readonly Seen[]): Arrangement {
  const places = new Map(seen.map(({ id }, place) => [id, place]));
  return {
    pinned: (options.pin ?? []).flatMap((id) => places.get(id) ?? []),
    topN: options.top_n ?? null,
    diversity: options.diversity ?? 0,
    maxPerCategory: options.max_per_category ?? null,
  };
}

function usageOf(gathered: Gathered, seen: readonly Seen[]): RankUsage {
  return {
    tokens: gathered.tokens,
    encoded_texts: gathered.encodedTexts,
    cached_items: gathered.fromStore.slice(0, seen.length).filter((known) => known).length,
    missing_items: seen.filter(({ vector }) => vector === null).length,
    truncated_texts: gathered.truncatedTexts,
  };
}

function milliseconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}
