/** The catalogue that the service was started with. */

import { useEffect, useState } from "preact/hooks";
import type { CatalogueItem } from "./api.ts";
import { keptItems } from "./offline/kept-items.ts";
import { ServerError, server } from "./server.ts";

export type Catalogue =
  | { readonly state: "loading" }
  | {
      readonly state: "ready";
      readonly items: readonly CatalogueItem[];
      /** Whether the service could not be asked, so that the items are those that were kept. */
      readonly alone: boolean;
    }
  | { readonly state: "locked" }
  | { readonly state: "failed"; readonly message: string };

/** Loads the catalogue, and anew with another key, or for another attempt. */
export function useCatalogue(key: string, attempt: number): Catalogue {
  const [catalogue, setCatalogue] = useState<Catalogue>({ state: "loading" });
  useEffect(() => {
    let current = true;
    void found(key).then((catalogue) => current && setCatalogue(catalogue));
    return () => {
      current = false;
    };
  }, [key, attempt]);
  return catalogue;
}

/** The catalogue of the service; where it can't be had, the one that an earlier visit kept. */
async function found(key: string): Promise<Catalogue> {
  try {
    return { state: "ready", items: await server(key).catalogue(), alone: false };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.needsKey) return { state: "locked" };
    const items = await keptItems();
    return items ? { state: "ready", items, alone: true } : { state: "failed", message: error.message };
  }
}
