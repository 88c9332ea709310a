/** The stages of an answer, which together are all the time that it took. */

import type { Answer } from "./use-ranking.ts";

export type StageId = "features" | "encode" | "score" | "way";

export interface Stage {
  readonly stage: StageId;
  readonly name: string;
  readonly ms: number;
  /** Of the whole time, 0 to 1. */
  readonly share: number;
}

/** What the ranker says of itself, and as `way` what is left of the time that passed in the page. */
export function stagesOf({
  place,
  took,
  response: { timing_ms },
}: Pick<Answer, "place" | "took" | "response">): Stage[] {
  const { features, encode, score } = timing_ms;
  const way = Math.max(0, took - features - encode - score);
  const whole = features + encode + score + way;
  const stage = (id: StageId, name: string, ms: number): Stage => ({
    stage: id,
    name,
    ms,
    share: whole > 0 ? ms / whole : 0,
  });
  return [
    stage("features", "Looking up the items", features),
    stage("encode", "Reading the query", encode),
    stage("score", "Scoring", score),
    stage("way", place === "device" ? "To the worker and back" : "To the server and back", way),
  ];
}
