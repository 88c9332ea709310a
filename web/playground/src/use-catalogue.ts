/** The catalogue that the service was started with. */

import { useEffect, useState } from "preact/hooks";
import type { CatalogueItem } from "./api.ts";
import { ServerError, server } from "./server.ts";

export type Catalogue =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly items: readonly CatalogueItem[] }
  | { readonly state: "locked" }
  | { readonly state: "failed"; readonly message: string };

/** Loads the catalogue, and anew with another key, or for another attempt. */
export function useCatalogue(key: string, attempt: number): Catalogue {
  const [catalogue, setCatalogue] = useState<Catalogue>({ state: "loading" });
  useEffect(() => {
    let current = true;
    server(key)
      .catalogue()
      .then(
        (items) => current && setCatalogue({ state: "ready", items }),
        (error: unknown) => current && setCatalogue(failure(error)),
      );
    return () => {
      current = false;
    };
  }, [key, attempt]);
  return catalogue;
}

function failure(error: unknown): Catalogue {
  if (!(error instanceof ServerError)) throw error;
  return error.needsKey ? { state: "locked" } : { state: "failed", message: error.message };
}
