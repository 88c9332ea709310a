/**
 * What is asked: the JSON of the service's `POST /v1/rank` and `PUT /v1/items`, field for field.
 *
 * `null` means the same as leaving a field out, where a field may be null.
 */

export type Action = "click" | "view" | "purchase" | "skip";

export type RankerName = "fused" | "dense" | "lexical" | "upstream";

/** Something the user did; it names the item, tells its text, or both. */
export interface HistoryEvent {
  readonly item_id?: string | null;
  readonly text?: string | null;
  /** Without it, the one that the feature store knows. */
  readonly category?: string | null;
  readonly action: Action;
  /** How long ago, in seconds; without it, the event's place in the history counts. */
  readonly age_s?: number | null;
}

export interface User {
  /** Read by a service that runs an experiment; here it changes nothing. */
  readonly id?: string | null;
  /** The latest event first. */
  readonly history?: readonly HistoryEvent[];
}

/** An item to rank. Without a text, it is looked up among the items that are known. */
export interface Candidate {
  readonly id: string;
  readonly text?: string | null;
  /** The backend's own score; any scale, more is better. */
  readonly score?: number | null;
  /** Read are `popularity` (how often taken lately) and `age_s` (seconds since new, or last taken). */
  readonly features?: Readonly<Record<string, number>>;
  readonly category?: string | null;
}

export interface RankOptions {
  /** How many results; all by default. */
  readonly top_n?: number | null;
  /** 0, the default: by score alone; 1: by novelty alone. */
  readonly diversity?: number;
  /** Ids that come first, in this order; others are ignored. */
  readonly pin?: readonly string[];
  /** Ids that must not come back; others are ignored. */
  readonly exclude?: readonly string[];
  readonly max_per_category?: number | null;
  /** `fused`, the default: learned weights of all signals; the others are baselines. */
  readonly ranker?: RankerName | null;
  readonly explain?: boolean;
  /** Work that has not started this long after the call is dropped. None by default. */
  readonly deadline_ms?: number | null;
}

/** Candidates to put in order, and what is known of the moment. */
export interface RankRequest {
  readonly request_id?: string | null;
  readonly query?: string | null;
  readonly user?: User;
  /** Accepted; no signal reads it. */
  readonly context?: Readonly<Record<string, string | number | boolean | null>>;
  /** In the backend's order, which settles ties; ids must be unique. */
  readonly candidates: readonly Candidate[];
  readonly options?: RankOptions;
}

/** An item to remember: a text, or a title with or without a description. */
export interface Item {
  readonly id: string;
  readonly text?: string | null;
  readonly title?: string | null;
  readonly description?: string | null;
  readonly category?: string | null;
}
