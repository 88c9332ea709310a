import { milliseconds } from "../format.ts";
import { stagesOf } from "../stages.ts";
import type { Answer } from "../use-ranking.ts";

/** Where the time of the last answer went. */
export function Stages({ answer }: { answer: Answer | undefined }) {
  if (!answer) return null;
  const stages = stagesOf(answer);
  return (
    <section class="card" aria-labelledby="stages-name">
      <div class="card-head">
        <h2 id="stages-name">Where the time went</h2>
      </div>
      <div class="bar stages-bar" aria-hidden="true">
        {stages.map(({ stage, share }) => (
          <span key={stage} class={`of-${stage}`} style={{ width: `${share * 100}%` }} />
        ))}
      </div>
      <dl class="figures">
        {stages.map(({ stage, name, ms }) => (
          <div key={stage}>
            <dt class={`of-${stage}`}>{name}</dt>
            <dd>{milliseconds(ms)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
