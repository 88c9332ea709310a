/** What became of an order about the model, in sentences. */

import type { Kept } from "../../../src/index.ts";
import type { Looked } from "./keeper.ts";
import type { Model, Occasion } from "./protocol.ts";

export const WENT_BACK = "The earlier model ranks again. This device takes the other one only if you ask for it.";
export const FORGOTTEN = "Nothing is kept any more. The model ranks on until you leave this page.";

/** Of a look for an update; empty where nobody asked and nothing is the matter. */
export function newsOf(
  { update, trouble }: Looked,
  { wentBack }: Pick<Model, "wentBack">,
  occasion?: Occasion,
): string {
  if (trouble) return `${sentence(trouble.message)} The model that was here ranks on.`;
  if (update?.outcome === "updated") return occasion ? "Another model was taken, and ranks now." : "";
  if (occasion !== "asked" && occasion !== "again") return "";
  if (wentBack) return "Nothing is released for this device but what it went back from.";
  if (update?.outcome === "unchanged") return "This is the model that this device should have.";
  return "The service has released nothing for this device.";
}

/** Whether this device went back: there is nothing before its model, and something that it does not take. */
export function hasGoneBack({ current, previous, refused }: Kept): boolean {
  return current !== null && previous === null && refused.length > 0;
}

/** A message of the library as a sentence; a file that it begins with keeps its name. */
export function sentence(message: string): string {
  const begun = message.replace(/^[a-z]+(?= )/, (word) => word.charAt(0).toUpperCase() + word.slice(1));
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
