/** From signals to scores: a weighted sum, so that every score can be taken apart again. */

import { rint } from "../numbers.ts";
import { SIGNALS, type SignalContribution, type SignalName } from "../response.ts";
import type { Signal } from "./candidates.ts";
import { neutralized, type Signals } from "./signals.ts";
import type { Weights } from "./weights.ts";

const SCORE_UNITS = 1e6;

/** The scores of a request's candidates, and what they are made of. */
export interface Scores {
  /** Rounded to six decimals: the last bits of a sum, which vary with the processor, should not decide an order. */
  readonly totals: Float64Array;
  /** Those of a candidate add up to its total within its rounding. */
  readonly contributions: Readonly<Record<SignalName, Signal>>;
}

export function score(signals: Signals, weights: Weights): Scores {
  const totals = new Float64Array(signals.upstream_position.length);
  const contributions: Partial<Record<SignalName, Signal>> = {};
  for (const name of SIGNALS) {
    // Adding zero turns a negative zero, which reads oddly in an explanation, into a plain one.
    const contribution = neutralized(signals[name]).map((value) => weights[name] * value + 0);
    contributions[name] = contribution;
    for (const [at, value] of contribution.entries()) {
      totals[at]! += value;
    }
  }
  return {
    totals: totals.map((total) => rint(total * SCORE_UNITS) / SCORE_UNITS),
    contributions: contributions as Record<SignalName, Signal>,
  };
}

/** Why a candidate has its score: the contribution of each signal. */
export function explain(
  signals: Signals,
  scores: Scores,
  weights: Weights,
  candidate: number,
): Record<SignalName, SignalContribution> {
  const explanation: Partial<Record<SignalName, SignalContribution>> = {};
  for (const name of SIGNALS) {
    const value = signals[name][candidate]!;
    const contribution = { weight: weights[name], contribution: scores.contributions[name][candidate]! };
    explanation[name] = Number.isNaN(value) ? contribution : { ...contribution, value };
  }
  return explanation as Record<SignalName, SignalContribution>;
}
