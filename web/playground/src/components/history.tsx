import type { CatalogueItem } from "../api.ts";
import type { Happened } from "../history.ts";

interface Props {
  history: readonly Happened[];
  items: readonly CatalogueItem[];
  onForget(item: string): void;
  onClear(): void;
}

/** What was clicked and skipped, the latest first; each can be taken back. */
export function History({ history, items, onForget, onClear }: Props) {
  const titles = new Map(items.map(({ id, title }) => [id, title]));
  return (
    <section class="card" aria-labelledby="history-name">
      <div class="card-head">
        <h2 id="history-name">Your history</h2>
        {history.length > 0 && (
          <button type="button" onClick={onClear}>
            Clear
          </button>
        )}
      </div>
      {history.length === 0 ? (
        <p class="hint">Click a result, or skip it, and the order follows. The history stays in this page.</p>
      ) : (
        <ul class="history">
          {history.map(({ item, action }) => (
            <li key={item} data-deed={action}>
              <span>
                <span class="visually-hidden">{action === "click" ? "Clicked: " : "Skipped: "}</span>
                {titles.get(item) ?? item}
              </span>
              <button type="button" aria-label={`Forget ${titles.get(item) ?? item}`} onClick={() => onForget(item)}>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  <path d="m4.5 4.5 7 7m0-7-7 7" />
                </svg>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
