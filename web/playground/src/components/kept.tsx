import type { Keeping } from "../use-kept.ts";

interface Props {
  keeping: Keeping;
  /** Whether the browser keeps a model. */
  model: boolean;
  /** Whether the service could not be reached, so that the items are those that were kept. */
  alone: boolean;
  /** Whether something is being kept or removed, and has to be waited for. */
  busy: boolean;
  onRemove(): void;
}

const TOLD: Record<Keeping, string> = {
  none: "Nothing but the model is kept.",
  working: "The page is being kept for a visit without network.",
  kept: "The page, its items and the model are kept in this browser. It opens without network.",
  refused: "This browser keeps no page: the next visit needs the network.",
  removed: "Nothing is kept in this browser any more. The page stays until you leave it.",
  stuck: "Not everything could be removed. Your browser’s settings can clear the data of this site.",
};

/** What the next visit finds without network, and how to remove it. */
export function Kept({ keeping, model, alone, busy, onRemove }: Props) {
  const removable = !busy && (model || keeping === "kept" || keeping === "stuck");
  return (
    <section class="card" aria-labelledby="kept-name">
      <div class="card-head">
        <h2 id="kept-name">Without network</h2>
      </div>
      <p class="hint news" aria-live="polite">
        {told(keeping, model, alone)}
      </p>
      <div class="actions">
        <button type="button" aria-disabled={!removable} onClick={() => removable && onRemove()}>
          Remove from this device
        </button>
      </div>
    </section>
  );
}

function told(keeping: Keeping, model: boolean, alone: boolean): string {
  if (alone && keeping === "kept") return "The service can’t be reached. The page and its items are those kept here.";
  return TOLD[keeping === "removed" && model ? "none" : keeping];
}
