import type { Model as InUse } from "../device/protocol.ts";
import { originOf, shortRevision } from "../model.ts";

interface Props {
  model: InUse;
  /** Whether an order is being carried out; another one has to wait. */
  busy: boolean;
  onLook(): void;
  /** Takes what this device went back from. */
  onAgain(): void;
  onBack(): void;
}

const KEEPING: Record<InUse["keeping"], string> = {
  kept: "Kept in this browser for your next visit, with a random number that is never sent.",
  none: "Not kept: it goes when you leave this page.",
  refused: "This browser keeps nothing for this page: the model goes with it.",
};

/** The model that ranks on this device: which it is, where it came from, and what one can do with it. */
export function Model({ model, busy, onLook, onAgain, onBack }: Props) {
  return (
    <section class="card" aria-labelledby="model-name">
      <div class="card-head">
        <h2 id="model-name">Model</h2>
      </div>
      <dl class="figures">
        <div>
          <dt>{model.name}</dt>
          <dd>{shortRevision(model.revision)}</dd>
        </div>
        <div>
          <dt>Where from</dt>
          <dd>{originOf(model.origin)}</dd>
        </div>
        {model.earlier && (
          <div>
            <dt>The one before</dt>
            <dd>{shortRevision(model.earlier)}</dd>
          </div>
        )}
      </dl>
      <p class="hint">{KEEPING[model.keeping]}</p>
      <p class="hint news" aria-live="polite">
        {busy ? "Working on it." : model.news}
      </p>
      <div class="actions" aria-busy={busy}>
        <Action busy={busy} onAct={onLook}>
          Look for an update
        </Action>
        {(model.earlier || model.wentBack) && (
          <Action busy={busy} onAct={model.earlier ? onBack : onAgain}>
            {model.earlier ? "Go back" : "Take it again"}
          </Action>
        )}
      </div>
    </section>
  );
}

/** A button that keeps the focus while it has to wait. */
function Action({ busy, onAct, children }: { busy: boolean; onAct(): void; children: string }) {
  return (
    <button type="button" aria-disabled={busy} onClick={() => busy || onAct()}>
      {children}
    </button>
  );
}
