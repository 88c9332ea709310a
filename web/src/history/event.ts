/** What a person did, as it is kept on the device. */

import * as v from "valibot";
import type { HistoryEvent } from "../request.ts";
import { head } from "../schema/text.ts";
import { Action, Category, Id } from "../schema/values.ts";

const LATEST_TIME = 8.64e15; // of a Date
/** No model reads further, unless a text is mostly blanks: `ER_MOST_POINTS` of the core. */
const MOST_CHARACTERS = 8192;

/** What is recorded: an event of a request that names its item and happens now. */
export interface NewEvent extends Omit<HistoryEvent, "age_s"> {
  readonly item_id: string;
}

export interface RecordedEvent extends NewEvent {
  /** Milliseconds since 1970, by a clock that may have been wrong then. */
  readonly at: number;
}

const FIELDS = {
  item_id: Id,
  text: v.nullish(v.string()),
  category: v.nullish(Category),
  action: Action,
};

export const NewEventSchema = v.strictObject(FIELDS);

export const RecordedEventSchema = v.strictObject({
  ...FIELDS,
  at: v.pipe(v.number(), v.minValue(0), v.maxValue(LATEST_TIME)),
});

/** An event with its time; what says nothing is left out, and of a text what no model reads. */
export function recordedAt(
  at: number,
  { item_id, text, category, action }: v.InferOutput<typeof NewEventSchema>,
): RecordedEvent {
  return {
    at,
    action,
    item_id,
    ...(text ? { text: head(text, MOST_CHARACTERS) } : {}),
    ...(category ? { category } : {}),
  };
}
