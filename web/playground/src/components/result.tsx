import { useId, useState } from "preact/hooks";
import type { CatalogueItem, RankResult } from "../api.ts";
import { signed } from "../format.ts";
import type { Deed } from "../history.ts";
import { partsOf, segmentsOf } from "../signals.ts";
import { Explanation } from "./explanation.tsx";

interface Props {
  item: CatalogueItem;
  result: RankResult;
  /** The length of the longest bar, in units of the score. */
  longest: number;
  /** What was done with it last. */
  deed: Deed | undefined;
  onDeed(item: string, deed: Deed): void;
}

/** An item in its place: its name is the button that clicks it; beside it one that skips it, and one that says why. */
export function Result({ item, result, longest, deed, onDeed }: Props) {
  const [open, setOpen] = useState(false);
  const explanation = useId();
  const parts = partsOf(result.explanation ?? {});
  return (
    <li class="result" data-id={item.id} data-deed={deed}>
      <div class="result-main">
        <button type="button" class="result-title" data-control="click" onClick={() => onDeed(item.id, "click")}>
          {item.title}
          {deed && <span class="deed">{deed === "click" ? "clicked" : "skipped"}</span>}
        </button>
        <p class="result-text">{description(item)}</p>
      </div>
      <div class="result-side">
        <div class="bar" aria-hidden="true">
          {segmentsOf(parts, longest).map(({ group, share }) => (
            <span key={group} class={`of-${group}`} style={{ width: `${share * 100}%` }} />
          ))}
        </div>
        <div class="result-foot">
          <span class="score">
            <span class="visually-hidden">Score </span>
            {signed(result.score)}
          </span>
          <button
            type="button"
            data-control="why"
            aria-expanded={open}
            aria-controls={open ? explanation : undefined}
            aria-label={`Why ${item.title} is here`}
            onClick={() => setOpen(!open)}
          >
            Why
          </button>
          <button
            type="button"
            data-control="skip"
            aria-label={`Skip ${item.title}`}
            onClick={() => onDeed(item.id, "skip")}
          >
            Skip
          </button>
        </div>
      </div>
      {open && <Explanation id={explanation} parts={parts} score={result.score} />}
    </li>
  );
}

/** What the model reads beside the title, which begins its text. */
function description({ title, text, category }: CatalogueItem): string {
  const rest = text.startsWith(title) ? text.slice(title.length).replace(/^[.\s]+/, "") : text;
  return rest || category || "";
}
