import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { CatalogueItem } from "../api.ts";
import { focusFirst } from "./results.tsx";

const EXAMPLES = [
  "split a dinner bill",
  "money to my parents abroad",
  "the lights went out",
  "something for the weekend",
];
const OF_THE_DEMO = "bill-split"; // the examples are about the demo catalogue

interface Props {
  query: string;
  items: readonly CatalogueItem[];
  input: RefObject<HTMLInputElement | null>;
  onQuery(query: string): void;
}

/** The query. `/` leads here from anywhere, the down arrow to the first result. */
export function Search({ query, items, input, onQuery }: Props) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [input]);

  return (
    <div class="search">
      <label for="query">What are you looking for?</label>
      <div class="search-field" data-key="/">
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="9" cy="9" r="5.5" />
          <path d="m13.2 13.2 3.8 3.8" />
        </svg>
        <input
          id="query"
          ref={input}
          type="search"
          value={query}
          placeholder="Type a few words"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="search"
          aria-describedby="query-help"
          onInput={(event) => onQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") onQuery("");
            if (event.key === "ArrowDown" && focusFirst()) event.preventDefault();
          }}
        />
      </div>
      <p id="query-help" class="visually-hidden">
        The order below follows as you type. Press the down arrow to move to the results.
      </p>
      {items.some(({ id }) => id === OF_THE_DEMO) && <Examples query={query} onQuery={onQuery} />}
    </div>
  );
}

function Examples({ query, onQuery }: Pick<Props, "query" | "onQuery">) {
  return (
    <ul class="examples" aria-label="Examples">
      {EXAMPLES.map((example) => (
        <li key={example}>
          <button type="button" aria-pressed={query === example} onClick={() => onQuery(example)}>
            {example}
          </button>
        </li>
      ))}
    </ul>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type !== "radio";
}
