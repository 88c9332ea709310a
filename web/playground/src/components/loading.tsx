import type { Progress, Stage } from "../device/protocol.ts";

const STAGES: Record<Stage, { name: string; from: number; to: number }> = {
  model: { name: "Loading the model", from: 0, to: 0.4 },
  runtime: { name: "Starting the runtime", from: 0.4, to: 0.6 },
  items: { name: "Reading the items", from: 0.6, to: 1 },
};

/** How far the ranker on this device is. */
export function Loading({ progress }: { progress: Progress }) {
  const { name, from, to } = STAGES[progress.stage];
  const done = from + (to - from) * progress.done;
  return (
    <div class="loading">
      <label for="loading">{name}. Nothing that you type is sent meanwhile.</label>
      <progress id="loading" max={1} value={done} />
    </div>
  );
}
