/** What went wrong, in a sentence. */

import type { Catalogue } from "./use-catalogue.ts";
import type { DeviceState } from "./use-device.ts";
import type { Place } from "./use-ranking.ts";

const NO_ITEMS = "This service holds no catalogue. Start it with one: edge-rank serve --demo.";

/** The first thing that keeps the page from ranking where it should; undefined where nothing does. */
export function troubleOf(
  catalogue: Catalogue,
  place: Place,
  device: DeviceState,
  failure: Error | undefined,
): string | undefined {
  if (catalogue.state === "failed") return catalogue.message;
  if (catalogue.state === "ready" && catalogue.items.length === 0) return NO_ITEMS;
  if (place === "device" && device.state === "failed") return device.message;
  return failure?.message;
}
