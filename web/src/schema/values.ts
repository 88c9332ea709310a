/** Values that several requests share. */

import * as v from "valibot";
import { lengthOf } from "./text.ts";

export const Finite = v.pipe(v.number(), v.finite());
export const WholeFrom1 = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const Id = textUpTo(256);
export const Category = textUpTo(64);
export const Action = v.picklist(["click", "view", "purchase", "skip"]);
export const Name = textUpTo(64);
export const RequestId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._:-]{1,128}$/));

/** Say where an id comes twice, never which; null if none does. */
export function repeats(ids: readonly string[], name: string): string | null {
  const first = new Map<string, number>();
  for (const [place, id] of ids.entries()) {
    const before = first.get(id);
    if (before !== undefined) {
      return `ids must be unique: ${name}[${place}] repeats ${name}[${before}]`;
    }
    first.set(id, place);
  }
  return null;
}

function textUpTo(characters: number) {
  return v.pipe(
    v.string(),
    v.minLength(1),
    v.check((text) => lengthOf(text) <= characters, `must have at most ${characters} characters`),
  );
}
