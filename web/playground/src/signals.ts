/** The signals of a score in words, in groups that have a colour each, and as parts of a bar. */

import type { RankResult, SignalContribution } from "./api.ts";

export type Group = "meaning" | "words" | "history" | "item" | "against";

export const GROUP_NAMES: Record<Group, string> = {
  meaning: "Meaning",
  words: "Words",
  history: "Your history",
  item: "The item itself",
  against: "Counts against",
};

const SIGNALS: Record<string, readonly [name: string, group: Group]> = {
  query_similarity: ["Means what you typed", "meaning"],
  query_overlap: ["Has your words", "words"],
  query_lead_overlap: ["Has your words in its title", "words"],
  history_similarity: ["Means what you clicked", "history"],
  history_peak: ["Close to one thing you clicked", "history"],
  history_overlap: ["Shares words with your clicks", "history"],
  skip_similarity: ["Means what you skipped", "history"],
  repeat: ["You clicked this very item", "history"],
  category_affinity: ["A category that you click", "history"],
  upstream_score: ["Score it came with", "item"],
  upstream_position: ["Place it came in", "item"],
  popularity: ["Popular", "item"],
  freshness: ["New", "item"],
  repetition: ["Says the same again and again", "item"],
  just_bought: ["You bought this very item", "history"],
};

export interface Part {
  signal: string;
  name: string;
  group: Group;
  contribution: number;
  weight: number;
  value: number | undefined;
}

/** What made a score, the weightiest first; what added nothing is left out. */
export function partsOf(explanation: Readonly<Record<string, SignalContribution>>): Part[] {
  return Object.entries(explanation)
    .filter(([, one]) => Math.abs(one.contribution) >= 0.0005)
    .map(([signal, one]) => partOf(signal, one))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

function partOf(signal: string, { contribution, weight, value }: SignalContribution): Part {
  const [name, group] = SIGNALS[signal] ?? [signal.replaceAll("_", " "), "item" as const];
  return { signal, name, group: contribution < 0 ? "against" : group, contribution, weight, value };
}

export interface Segment {
  group: Group;
  /** Of the bar's length, 0 to 1. */
  share: number;
}

const ORDER: readonly Group[] = ["meaning", "words", "history", "item", "against"];

/** A bar: what each group added, in one order for all items. `longest` is what fills the whole bar. */
export function segmentsOf(parts: readonly Part[], longest: number): Segment[] {
  return ORDER.map((group) => {
    const sum = parts.reduce((total, part) => total + (part.group === group ? Math.abs(part.contribution) : 0), 0);
    return { group, share: longest > 0 ? sum / longest : 0 };
  }).filter(({ share }) => share > 0);
}

/** The greatest sum of sizes among some results: the length of the longest bar. */
export function longestOf(results: readonly RankResult[]): number {
  const lengths = results.map(({ explanation }) =>
    Object.values(explanation ?? {}).reduce((total, { contribution }) => total + Math.abs(contribution), 0),
  );
  return Math.max(0, ...lengths);
}

/** The groups that some results have a part of, for a legend. */
export function groupsOf(results: readonly RankResult[]): Group[] {
  const seen = new Set(results.flatMap(({ explanation }) => partsOf(explanation ?? {}).map(({ group }) => group)));
  return ORDER.filter((group) => seen.has(group));
}
