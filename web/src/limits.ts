/** How much is taken from a server that releases models, and how long is waited for it. */

import * as v from "valibot";

export const MOST_FILES = 256;
export const MOST_RELEASE_BYTES = 256 * 1024 * 1024;

/** Milliseconds until an answer's head must be there, and between two pieces of its body. */
export const MOST_SILENCE_MS = 30_000;

/** An answer that takes longer than this must have come at this rate. */
export const SLOW_AFTER_MS = 30_000;
export const LEAST_BYTES_PER_SECOND = 256;

export const Bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MOST_RELEASE_BYTES));

/** What something is called: nothing that would steer a terminal, or read in another direction. */
export const Label = v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u));

const PART = "[A-Za-z0-9._+@-]{1,100}";

/** A path inside a folder, which every system takes for the same. */
export const Inside = v.pipe(
  v.string(),
  v.regex(new RegExp(`^${PART}(/${PART}){0,7}$`)),
  v.check((path) => !path.split("/").some((part) => part === "." || part === ".."), "leads out of the artifact"),
);
