import { useMemo, useRef } from "preact/hooks";
import type { CatalogueItem } from "../api.ts";
import type { Deed, Happened } from "../history.ts";
import { GROUP_NAMES, groupsOf, longestOf } from "../signals.ts";
import { useMoves } from "../use-moves.ts";
import type { Answer } from "../use-ranking.ts";
import { Result } from "./result.tsx";

interface Props {
  answer: Answer | undefined;
  items: readonly CatalogueItem[];
  history: readonly Happened[];
  /** Whether the order is not the one for what is asked now. */
  stale: boolean;
  onDeed(item: string, deed: Deed): void;
  onMore(): void;
  onLeave(): void;
}

/** The best items in their order. The arrow keys lead from one to the next, and above the first back to the query. */
export function Results({ answer, items, history, stale, onDeed, onMore, onLeave }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const byId = useMemo(() => new Map(items.map((item) => [item.id, item])), [items]);
  const deeds = useMemo(() => new Map(history.map(({ item, action }) => [item, action])), [history]);
  const results = answer?.response.results ?? [];
  const longest = useMemo(() => longestOf(results), [results]);
  useMoves(list, results);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const moved = moveFocus(event.key, list.current, onLeave);
    if (moved) event.preventDefault();
  };

  return (
    <section
      id="results"
      class="results"
      aria-labelledby="results-name"
      aria-busy={stale}
      data-query={answer?.query}
      tabIndex={-1}
    >
      <div class="results-head">
        <h2 id="results-name">{answer?.query ? "Best matches" : history.length ? "For you" : "The catalogue"}</h2>
        <Legend groups={groupsOf(results)} />
      </div>
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari takes a list without marks for none */}
      <ol ref={list} role="list" onKeyDown={onKeyDown}>
        {results.map((result) => {
          const item = byId.get(result.id);
          return (
            item && (
              <Result
                key={result.id}
                item={item}
                result={result}
                longest={longest}
                deed={deeds.get(result.id)}
                onDeed={onDeed}
              />
            )
          );
        })}
      </ol>
      {results.length > 0 && results.length < items.length && (
        <button type="button" class="more" onClick={onMore}>
          Show more
        </button>
      )}
    </section>
  );
}

function Legend({ groups }: { groups: ReturnType<typeof groupsOf> }) {
  return (
    <ul class="legend" aria-hidden="true">
      {groups.map((group) => (
        <li key={group} class={`of-${group}`}>
          {GROUP_NAMES[group]}
        </li>
      ))}
    </ul>
  );
}

/** Moves the focus to the first result; false where there is none. */
export function focusFirst(): boolean {
  const first = document.querySelector<HTMLElement>("#results .result-title");
  first?.focus();
  return first !== null;
}

function moveFocus(key: string, list: HTMLElement | null, leave: () => void): boolean {
  const titles = [...(list?.querySelectorAll<HTMLElement>(".result-title") ?? [])];
  const here = titles.findIndex((title) => title.closest("li")?.contains(document.activeElement));
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: titles.length - 1 }[key];
  if (key === "Escape" || to === -1) leave();
  else if (to === undefined) return false;
  else titles[to]?.focus();
  return true;
}
