/** What is answered: the JSON of the service's `POST /v1/rank`, field for field. */

import type { RankerName } from "./request.ts";

export const SIGNALS = [
  "query_similarity",
  "query_overlap",
  "query_lead_overlap",
  "history_similarity",
  "history_peak",
  "history_overlap",
  "skip_similarity",
  "repeat",
  "category_affinity",
  "upstream_score",
  "upstream_position",
  "popularity",
  "freshness",
  "repetition",
  "just_bought",
] as const;

export type SignalName = (typeof SIGNALS)[number];

/** What one signal added to a score. */
export interface SignalContribution {
  readonly weight: number;
  /** Those of all signals add up to the score. */
  readonly contribution: number;
  /** Absent if the signal is unknown, which counts as the mean of the others'. */
  readonly value?: number;
}

/**
 * `missing`: it has no text, and is not known; or there was no time. `unreadable`: the model's vocabulary knows nothing of
 * its text.
 */
export type Status = "ok" | "missing" | "unreadable";

/** A candidate in its place. */
export interface RankResult {
  readonly id: string;
  /** Its place among the request's candidates, from 0. */
  readonly index: number;
  /** Its place among the results, from 1. */
  readonly rank: number;
  readonly score: number;
  readonly status: Status;
  readonly explanation?: Readonly<Record<SignalName, SignalContribution>>;
}

/** What the answer took. */
export interface RankUsage {
  readonly tokens: number;
  readonly encoded_texts: number;
  /** Candidates whose vectors were known already. */
  readonly cached_items: number;
  readonly missing_items: number;
  /** Embedded texts of which the model read only the beginning. */
  readonly truncated_texts: number;
  /** Texts of which the model's vocabulary knows nothing. */
  readonly unreadable_texts: number;
  /** Events of the history of which something is known; only they count. */
  readonly known_events: number;
}

/** Where the time went, in milliseconds. */
export interface RankTiming {
  readonly total: number;
  readonly features: number;
  readonly encode: number;
  readonly score: number;
}

/** The candidates in order. */
export interface RankResponse {
  readonly request_id: string;
  /** The model's name and the beginning of its revision. */
  readonly model: string;
  readonly ranker: RankerName;
  readonly results: readonly RankResult[];
  /** `deadline`: there was no time to embed all texts. */
  readonly degraded: readonly "deadline"[];
  readonly usage: RankUsage;
  readonly timing_ms: RankTiming;
}
