/** What is kept of the page for visits without network. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { CatalogueItem } from "./api.ts";
import { keepItems } from "./offline/kept-items.ts";
import { isKept, keepPage, removePage } from "./offline/kept-page.ts";

/**
 * `refused`: the browser keeps none. `removed`: a person wants none kept, until the page is left. `stuck`: it could not
 * be removed.
 */
export type Keeping = "none" | "working" | "kept" | "refused" | "removed" | "stuck";

export interface KeptControl {
  readonly keeping: Keeping;
  /** Removes the page and the items, after what is to be removed before. */
  remove(before: () => Promise<unknown>): Promise<void>;
}

/**
 * Keeps the page, and the latest items, once they are wanted; what an earlier visit kept is kept up to date.
 *
 * @param items As the service has them now; undefined while it has said nothing.
 */
export function useKept(items: readonly CatalogueItem[] | undefined, wanted: boolean): KeptControl {
  const [keeping, setKeeping] = useState<Keeping>("none");

  useEffect(() => {
    void isKept().then((kept) => kept && setKeeping((now) => (now === "none" ? "kept" : now)));
  }, []);

  const due = keeping === "kept" || (keeping === "none" && wanted);
  const latest = useRef<readonly CatalogueItem[] | undefined>(undefined);
  const work = useRef<Promise<unknown>>(Promise.resolve());
  useEffect(() => {
    if (!due || !items || items === latest.current) return;
    latest.current = items;
    setKeeping((now) => (now === "kept" ? now : "working"));
    work.current = keepItems(items)
      .then(keepPage)
      .then(
        () => setKeeping((now) => (now === "working" ? "kept" : now)),
        () => setKeeping((now) => (now === "working" ? "refused" : now)),
      );
  }, [due, items]);

  const remove = useCallback(async (before: () => Promise<unknown>) => {
    try {
      await work.current; // else it would be kept anew
      await before();
      await removePage();
      setKeeping("removed");
    } catch {
      setKeeping("stuck");
    }
  }, []);

  return { keeping, remove };
}
