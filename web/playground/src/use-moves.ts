/** Rows that glide to their new places, and keep the focus on the way. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const GLIDE: KeyframeAnimationOptions = { duration: 220, easing: "cubic-bezier(.2, .7, .2, 1)" };

interface Focus {
  readonly id: string;
  readonly control: string;
  readonly place: number;
}

/** Lets the rows of a list glide whenever `order` is another; not for those who want no motion. */
export function useMoves(list: RefObject<HTMLElement | null>, order: unknown): void {
  const tops = useRef(new Map<string, number>());
  const focused = useRef<Focus | undefined>(undefined);

  useLayoutEffect(() => {
    const rows = rowsOf(list.current);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const now = new Map(rows.map((row) => [idOf(row), row.offsetTop]));
    for (const row of still ? [] : rows) glide(row, tops.current.get(idOf(row)), row.offsetTop, tops.current.size > 0);
    tops.current = now;
    if (focused.current && document.activeElement === document.body) restore(rows, focused.current);
  }, [list, order]);

  useLayoutEffect(() => {
    const noted = () => {
      focused.current = focusIn(list.current);
    };
    document.addEventListener("focusin", noted);
    return () => document.removeEventListener("focusin", noted);
  }, [list]);
}

function glide(row: HTMLElement, from: number | undefined, to: number, wasShown: boolean): void {
  if (from === undefined) {
    if (wasShown) row.animate([{ opacity: 0 }, { opacity: 1 }], GLIDE);
  } else if (from !== to) {
    row.animate([{ transform: `translateY(${from - to}px)` }, { transform: "none" }], GLIDE);
  }
}

function focusIn(list: HTMLElement | null): Focus | undefined {
  const control = document.activeElement?.getAttribute("data-control");
  const row = document.activeElement?.closest<HTMLElement>("[data-id]");
  if (!control || !row || !list?.contains(row)) return undefined;
  return { id: idOf(row), control, place: rowsOf(list).indexOf(row) };
}

/** A row that moved takes its focus along; where it left the list, the one in its place gets it. */
function restore(rows: readonly HTMLElement[], { id, control, place }: Focus): void {
  const row = rows.find((one) => idOf(one) === id) ?? rows[Math.min(place, rows.length - 1)];
  row?.querySelector<HTMLElement>(`[data-control="${control}"]`)?.focus({ preventScroll: true });
}

function rowsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>(":scope > [data-id]") ?? [])];
}

function idOf(row: HTMLElement): string {
  return row.dataset.id ?? "";
}
