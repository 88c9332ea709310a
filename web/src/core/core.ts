/** The core: reads texts and ranks, in WebAssembly (`device/`). */

import type { Artifact } from "../artifact/artifact.ts";
import { MODEL, RANKER, VOCABULARY } from "../artifact/files.ts";
import { readRanker } from "../artifact/ranker.ts";
import { ArtifactError, EdgeRankError } from "../errors.ts";
import type { Action, RankerName } from "../request.ts";
import { SIGNALS } from "../response.ts";
import {
  ACTIONS,
  CANDIDATE,
  ERROR,
  EVENT,
  INFO,
  MANIFEST,
  OPTIONS,
  RANKERS,
  RANKING,
  READING,
  REQUEST,
  SPAN,
} from "./layout.ts";
import { type Exports, instantiate, type WasmPaths } from "./module.ts";
import { Scratch } from "./scratch.ts";

/** What a ranking needs to know of an item's text: bytes that another model with the same encoder understands, too. */
export type Features = Uint8Array;
/** What a ranking needs to know of a query. */
export type QueryFeatures = Uint8Array;

/** Code units of a text that hold all characters that are read, and one more. */
const MOST_UNITS = 2 * 8193;
/** Units of texts that are read in one call, so that a deadline is looked at in between: about a run of the model. */
const UNITS_AT_ONCE = 1024;
const OUT_OF_MEMORY = 1;

/** What is known of a text. */
export interface Encoded {
  readonly features: Features;
  readonly query: QueryFeatures;
  /** Float32, `[dimension]`, of unit length: the direction of the mean of the windows. */
  readonly vector: Float32Array;
  /** That the model read, special tokens included. */
  readonly tokens: number;
  /** Whether the text was longer than all its windows. */
  readonly truncated: boolean;
  /** Whether the vocabulary knows any token of the text; the vectors of one that it does not know say nothing. */
  readonly readable: boolean;
}

/** A candidate; numbers that are not known are `NaN`. */
export interface Candidate {
  readonly id: string;
  readonly category: string | null;
  readonly features: Features | null;
  readonly score: number;
  readonly popularity: number;
  readonly ageS: number;
  readonly unreadable: boolean;
}

/** What the user did. */
export interface Event {
  readonly itemId: string | null;
  readonly category: string | null;
  readonly features: Features | null;
  readonly ageS: number;
  readonly action: Action;
}

export interface Question {
  readonly query: QueryFeatures | null;
  readonly candidates: readonly Candidate[];
  /** The latest first. */
  readonly events: readonly Event[];
  readonly ranker: RankerName;
  /** Weigh as a search, though the query could not be read in time. */
  readonly isSearch: boolean;
  /** Places of candidates that come first. */
  readonly pinned: readonly number[];
  /** 0: all. */
  readonly topN: number;
  readonly diversity: number;
  /** 0: any number. */
  readonly maxPerCategory: number;
}

export interface Answer {
  /** Places of candidates, the best first. */
  readonly order: Uint32Array;
  readonly scores: Float64Array;
  /** `[signals][candidates]`, `NaN` where not known. */
  readonly signals: Float64Array;
  readonly contributions: Float64Array;
  readonly weights: Float64Array;
  readonly knownEvents: number;
}

export interface CoreOptions {
  /** Where the core's WebAssembly file lies; by default, beside the script. */
  readonly wasmPaths?: WasmPaths | undefined;
  /** Parts of a long text that are read, 8 by default; what follows them is not. */
  readonly mostWindows?: number | undefined;
}

/** An artifact in an instance of its own; its memory goes with it. */
export class Core {
  readonly dimension: number;
  /** Undefined once it is released, so that the instance's memory is nobody's. */
  #core: Exports | undefined;
  readonly #model: number;
  readonly #featuresSize: number;
  readonly #querySize: number;

  private constructor(core: Exports, model: number) {
    this.#core = core;
    this.#model = model;
    [this.dimension, this.#featuresSize, this.#querySize] = Scratch.use(core, (scratch) => {
      const info = scratch.take(INFO.size);
      core.er_describe(info, model);
      const sizes = [INFO.dimension, INFO.featuresSize, INFO.querySize].map((at) =>
        scratch.view.getUint32(info + at, true),
      );
      return sizes as [number, number, number];
    });
  }

  /**
   * Load a verified artifact, and try it out.
   *
   * @throws {ArtifactError} It is not one that ranks, or not one that this version reads.
   * @throws {EdgeRankError} The WebAssembly can't be had, or there is no memory.
   */
  static async load(artifact: Artifact, options: CoreOptions = {}): Promise<Core> {
    const core = await instantiate(options.wasmPaths);
    const model = Scratch.use(core, (scratch) => {
      const error = scratch.take(ERROR.size);
      const chosen = scratch.take(OPTIONS.size);
      scratch.view.setUint32(chosen + OPTIONS.mostWindows, options.mostWindows ?? 0, true);
      const weights = scratch.put(new Uint8Array(readRanker(artifact.file(RANKER)).buffer));
      const graph = putLasting(core, scratch, artifact.file(MODEL));
      const vocabulary = putLasting(core, scratch, artifact.file(VOCABULARY));
      const loaded = core.er_open(putManifest(scratch, artifact), weights, graph, vocabulary, chosen, error);
      if (loaded === 0) {
        throw refusalAt(scratch, error);
      }
      return loaded;
    });
    return new Core(core, model);
  }

  /**
   * Read texts.
   *
   * @param beforeRun Called before each part of the work; what it throws ends it.
   */
  encode(texts: readonly string[], beforeRun: () => void = () => undefined): Encoded[] {
    const heads = texts.map((text) => text.slice(0, MOST_UNITS));
    const encoded: Encoded[] = [];
    for (let from = 0; from < heads.length; ) {
      let to = from;
      for (let units = 0; to < heads.length && (to === from || units + heads[to]!.length <= UNITS_AT_ONCE); to++) {
        units += heads[to]!.length;
      }
      beforeRun();
      encoded.push(...this.#encode(heads.slice(from, to)));
      from = to;
    }
    return encoded;
  }

  /** The token ids of a text's windows, one behind the other, special tokens included. */
  split(text: string): Uint32Array {
    return this.#use((scratch, core) => {
      const structure = scratch.putTexts([text.slice(0, MOST_UNITS)]);
      const count = core.er_split(this.#model, structure, 0, 0);
      const ids = scratch.take(Math.max(1, count) * 4);
      core.er_split(this.#model, structure, ids, count);
      return new Uint32Array(core.memory.buffer, ids, count).slice();
    });
  }

  /** Put candidates in order. */
  rank(question: Question): Answer {
    return this.#use((scratch, core) => {
      const [ranking, error] = [scratch.take(RANKING.size), scratch.take(ERROR.size)];
      const request = putRequest(scratch, question);
      if (core.er_rank(this.#model, request, ranking, error) !== 0) {
        throw refusalAt(scratch, error);
      }
      return answerAt(scratch, ranking, question.candidates.length);
    });
  }

  /** Give the memory back; nothing may be asked of it any more. */
  release(): void {
    this.#core = undefined;
  }

  #encode(texts: readonly string[]): Encoded[] {
    return this.#use((scratch, core) => {
      const error = scratch.take(ERROR.size);
      const structures = scratch.putTexts(texts);
      const vectorBytes = this.dimension * 4;
      const vectors = scratch.take(texts.length * vectorBytes);
      const queries = scratch.take(texts.length * this.#querySize);
      const features = scratch.take(texts.length * this.#featuresSize);
      const readings = scratch.take(texts.length * READING.size);
      for (const at of texts.keys()) {
        const { view } = scratch;
        view.setUint32(readings + at * READING.size + READING.vector, vectors + at * vectorBytes, true);
        view.setUint32(readings + at * READING.size + READING.features, features + at * this.#featuresSize, true);
        view.setUint32(readings + at * READING.size + READING.query, queries + at * this.#querySize, true);
      }
      if (core.er_embed(this.#model, structures, texts.length, readings, error) !== 0) {
        throw refusalAt(scratch, error);
      }
      const { bytes, view } = scratch;
      return texts.map((_, at) => {
        const reading = readings + at * READING.size;
        const [own, query] = [features + at * this.#featuresSize, queries + at * this.#querySize];
        return {
          features: bytes.slice(own, own + view.getUint32(reading + READING.featuresSize, true)),
          query: bytes.slice(query, query + this.#querySize),
          vector: new Float32Array(bytes.buffer, vectors + at * vectorBytes, this.dimension).slice(),
          tokens: view.getUint32(reading + READING.tokens, true),
          truncated: view.getUint8(reading + READING.truncated) !== 0,
          readable: view.getUint8(reading + READING.readable) !== 0,
        };
      });
    });
  }

  #use<Result>(work: (scratch: Scratch, core: Exports) => Result): Result {
    const core = this.#core;
    if (core === undefined) {
      throw new EdgeRankError("released", "the model was released: it can't be asked any more");
    }
    return Scratch.use(core, (scratch) => work(scratch, core));
  }
}

/** Put a file into memory, where the model reads it for as long as it lives: the address of its `er_span`. */
function putLasting(core: Exports, scratch: Scratch, content: Uint8Array): number {
  const address = core.er_allocate(content.length);
  if (address === 0) {
    throw new EdgeRankError("out_of_memory", "there is no memory for the model");
  }
  scratch.bytes.set(content, address);
  const span = scratch.take(SPAN.size);
  scratch.view.setUint32(span + SPAN.bytes, address, true);
  scratch.view.setUint32(span + SPAN.length, content.length, true);
  return span;
}

/** The shape and the rules. What the core never asks for, names and revisions, is left out. */
function putManifest(scratch: Scratch, { manifest: { model, tokenizer } }: Artifact): number {
  const address = scratch.take(MANIFEST.size);
  const { view } = scratch;
  const set = (member: keyof typeof MANIFEST, value: number) => view.setUint32(address + MANIFEST[member], value, true);
  set("layers", model.layers);
  set("hiddenSize", model.hidden_size);
  set("embeddingSize", model.embedding_size);
  set("intermediateSize", model.intermediate_size);
  set("attentionHeads", model.attention_heads);
  set("vocabularySize", model.vocabulary_size);
  set("dimension", model.dimension);
  set("maxLength", model.max_length);
  set("version", tokenizer.version);
  view.setUint8(address + MANIFEST.lowercase, Number(tokenizer.lowercase));
  view.setUint8(address + MANIFEST.stripAccents, Number(tokenizer.strip_accents));
  return address;
}

function putRequest(scratch: Scratch, question: Question): number {
  const request = scratch.take(REQUEST.size);
  const query = question.query === null ? 0 : scratch.put(question.query);
  const candidates = putCandidates(scratch, question.candidates);
  const events = putEvents(scratch, question.events);
  const pinned = scratch.put(new Uint8Array(Uint32Array.from(question.pinned).buffer));
  const { view } = scratch;
  const set = (member: keyof typeof REQUEST, value: number) => view.setUint32(request + REQUEST[member], value, true);
  set("query", query);
  set("candidates", candidates);
  set("events", events);
  set("pinned", pinned);
  set("candidateCount", question.candidates.length);
  set("eventCount", question.events.length);
  set("pinnedCount", question.pinned.length);
  set("topN", question.topN);
  set("maxPerCategory", question.maxPerCategory);
  set("ranker", RANKERS[question.ranker]);
  set("isSearch", Number(question.isSearch));
  view.setFloat64(request + REQUEST.diversity, question.diversity, true);
  return request;
}

function putCandidates(scratch: Scratch, candidates: readonly Candidate[]): number {
  const table = scratch.take(Math.max(1, candidates.length) * CANDIDATE.size);
  const places = putFeatures(
    scratch,
    candidates.map(({ features }) => features),
  );
  const at = (place: number, member: keyof typeof CANDIDATE) => table + place * CANDIDATE.size + CANDIDATE[member];
  scratch.writeTexts(
    candidates.flatMap(({ id, category }, place) => [
      [at(place, "id"), id] as const,
      [at(place, "category"), category] as const,
    ]),
  );
  const { view } = scratch;
  for (const [place, { score, popularity, ageS, unreadable }] of candidates.entries()) {
    view.setUint32(at(place, "features"), places[place]!, true);
    view.setFloat64(at(place, "score"), score, true);
    view.setFloat64(at(place, "popularity"), popularity, true);
    view.setFloat64(at(place, "ageS"), ageS, true);
    view.setUint32(at(place, "unreadable"), Number(unreadable), true);
  }
  return table;
}

function putEvents(scratch: Scratch, events: readonly Event[]): number {
  const table = scratch.take(Math.max(1, events.length) * EVENT.size);
  const places = putFeatures(
    scratch,
    events.map(({ features }) => features),
  );
  const at = (place: number, member: keyof typeof EVENT) => table + place * EVENT.size + EVENT[member];
  scratch.writeTexts(
    events.flatMap(({ itemId, category }, place) => [
      [at(place, "itemId"), itemId] as const,
      [at(place, "category"), category] as const,
    ]),
  );
  const { view } = scratch;
  for (const [place, { ageS, action }] of events.entries()) {
    view.setUint32(at(place, "features"), places[place]!, true);
    view.setFloat64(at(place, "ageS"), ageS, true);
    view.setUint32(at(place, "action"), ACTIONS[action], true);
  }
  return table;
}

/** Features side by side; returns their addresses, 0 for none. */
function putFeatures(scratch: Scratch, all: readonly (Features | null)[]): number[] {
  let next = scratch.take(
    Math.max(
      1,
      all.reduce((sum, one) => sum + (one?.length ?? 0), 0),
    ),
  );
  const { bytes } = scratch;
  return all.map((features) => {
    if (features === null) {
      return 0;
    }
    const address = next;
    bytes.set(features, address);
    next += features.length;
    return address;
  });
}

function answerAt(scratch: Scratch, ranking: number, candidates: number): Answer {
  const { view } = scratch;
  const addressOf = (member: keyof typeof RANKING) => view.getUint32(ranking + RANKING[member], true);
  const doubles = (member: keyof typeof RANKING, count: number) =>
    new Float64Array(view.buffer as ArrayBuffer, addressOf(member), count).slice();
  return {
    order: new Uint32Array(view.buffer as ArrayBuffer, addressOf("order"), addressOf("count")).slice(),
    scores: doubles("scores", candidates),
    signals: doubles("signals", SIGNALS.length * candidates),
    contributions: doubles("contributions", SIGNALS.length * candidates),
    weights: doubles("weights", SIGNALS.length),
    knownEvents: addressOf("knownEvents"),
  };
}

function refusalAt(scratch: Scratch, error: number): EdgeRankError {
  const message = scratch.message(error + ERROR.message);
  return scratch.view.getUint32(error + ERROR.status, true) === OUT_OF_MEMORY
    ? new EdgeRankError("out_of_memory", message)
    : new ArtifactError(message);
}
