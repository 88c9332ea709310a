/** Which requests are valid: the rules of the service's `schemas/`, checked before any work. */

import * as v from "valibot";
import { RequestError } from "../errors.ts";
import type { Item, RankRequest } from "../request.ts";
import { check } from "./check.ts";
import { hasWords } from "./text.ts";
import { Action, Category, Finite, Id, Name, RequestId, repeats, WholeFrom1 } from "./values.ts";

/** So many parts of a long text are read unless one says otherwise. */
export const MOST_WINDOWS = 8;

const MAX_CANDIDATES = 1000;
export const MAX_HISTORY = 200;
const MAX_ITEMS = 1000;
const LONGEST_DEADLINE_MS = 60_000;
const MAX_ENTRIES = 64;
const MAX_WINDOWS = 64;
/** Features that signals read. */
const COUNTED = ["popularity", "age_s"] as const;

const HistoryEvent = v.pipe(
  v.strictObject({
    item_id: v.nullish(Id),
    text: v.nullish(v.string()),
    category: v.nullish(Category),
    action: Action,
    age_s: v.nullish(v.pipe(Finite, v.minValue(0))),
  }),
  v.check((event) => event.item_id != null || hasWords(event.text ?? ""), "needs an item_id or a text"),
);

const CandidateSchema = v.strictObject({
  id: Id,
  text: v.nullish(v.string()),
  score: v.nullish(Finite),
  features: v.optional(v.pipe(v.record(Name, Finite), v.maxEntries(MAX_ENTRIES))),
  category: v.nullish(Category),
});

const Options = v.pipe(
  v.strictObject({
    top_n: v.nullish(WholeFrom1),
    diversity: v.optional(v.pipe(Finite, v.minValue(0), v.maxValue(1))),
    pin: v.optional(v.array(Id)),
    exclude: v.optional(v.array(Id)),
    max_per_category: v.nullish(WholeFrom1),
    ranker: v.nullish(v.picklist(["fused", "dense", "lexical", "upstream"])),
    explain: v.optional(v.boolean()),
    deadline_ms: v.nullish(v.pipe(WholeFrom1, v.maxValue(LONGEST_DEADLINE_MS))),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed) {
      const { pin = [], exclude = [] } = dataset.value;
      const message =
        repeats(pin, "pin") ?? (pin.some((id) => exclude.includes(id)) ? "an id is both in pin and in exclude" : null);
      if (message !== null) {
        addIssue({ message });
      }
    }
  }),
);

const RankRequestSchema = v.pipe(
  v.strictObject({
    request_id: v.nullish(RequestId),
    query: v.nullish(v.string()),
    user: v.optional(v.strictObject({ id: v.nullish(Id), history: v.optional(v.array(HistoryEvent)) })),
    context: v.optional(
      v.pipe(v.record(Name, v.nullable(v.union([v.string(), Finite, v.boolean()]))), v.maxEntries(MAX_ENTRIES)),
    ),
    candidates: v.array(CandidateSchema),
    options: v.optional(Options),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) {
      return;
    }
    const { candidates } = dataset.value;
    const message =
      repeats(
        candidates.map(({ id }) => id),
        "candidates",
      ) ?? negativeCount(candidates);
    if (message !== null) {
      addIssue({ message });
    }
  }),
);

const ItemSchema = v.pipe(
  v.strictObject({
    id: Id,
    text: v.nullish(v.string()),
    title: v.nullish(v.string()),
    description: v.nullish(v.string()),
    category: v.nullish(Category),
  }),
  v.check((item) => (item.text == null) !== (item.title == null), "needs either a text or a title"),
  v.check((item) => item.text == null || item.description == null, "a description goes with a title, not with a text"),
  v.check((item) => hasWords(item.text || item.title || ""), "the text or title must not be blank"),
);

const ItemsSchema = v.pipe(
  v.array(ItemSchema),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed
      ? repeats(
          dataset.value.map(({ id }) => id),
          "items",
        )
      : null;
    if (message !== null) {
      addIssue({ message });
    }
  }),
);

/**
 * Refuse a request that is not valid, or past a limit.
 *
 * @throws {RequestError} With a detail for each field at fault.
 */
export function checkRank(request: RankRequest): void {
  check(RankRequestSchema, request);
  const { candidates, user, options } = request;
  refuse([
    ...tooMany("candidates", candidates, MAX_CANDIDATES),
    ...tooMany("user.history", user?.history, MAX_HISTORY),
    ...tooMany("options.pin", options?.pin, MAX_CANDIDATES),
    ...tooMany("options.exclude", options?.exclude, MAX_CANDIDATES),
  ]);
}

/** Refuse items that are not valid, or too many; errors as of `checkRank`. */
export function checkItems(items: readonly Item[]): void {
  checkCatalogue(items);
  refuse([...tooMany("items", items, MAX_ITEMS)]);
}

/** Refuse items of which one is not valid, or repeats an id; errors as of `checkRank`. */
export function checkCatalogue(items: readonly Item[]): void {
  check(ItemsSchema, items);
}

/** Refuse a number of windows that is none; errors as of `checkRank`. */
export function checkMostWindows(mostWindows: number | undefined): void {
  check(v.object({ mostWindows: v.optional(v.pipe(WholeFrom1, v.maxValue(MAX_WINDOWS))) }), { mostWindows });
}

function* tooMany(field: string, values: readonly unknown[] | undefined, most: number) {
  if (values !== undefined && values.length > most) {
    yield { field, message: `at most ${most}; this has ${values.length}` };
  }
}

function refuse(details: { field: string; message: string }[]): void {
  if (details.length > 0) {
    throw new RequestError("request_too_large", "the request is past a limit: see details", details);
  }
}

function negativeCount(candidates: readonly v.InferOutput<typeof CandidateSchema>[]): string | null {
  for (const [place, { features }] of candidates.entries()) {
    const name = COUNTED.find((one) => (features?.[one] ?? 0) < 0);
    if (name !== undefined) {
      return `candidates[${place}].features.${name} must not be negative`;
    }
  }
  return null;
}
