import { counted, milliseconds } from "../format.ts";
import type { Answer } from "../use-ranking.ts";

/** What the last answer took, large enough to be read in passing. */
export function Readout({ answer, count }: { answer: Answer | undefined; count: number }) {
  if (!answer) return <p class="readout" />;
  return (
    <p class="readout">
      <span class="readout-time">{milliseconds(answer.took)}</span> for {counted(count, "item")},{" "}
      {answer.place === "device" ? "on this device" : "there and back"}
    </p>
  );
}
