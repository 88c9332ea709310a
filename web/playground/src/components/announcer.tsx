import { useEffect, useState } from "preact/hooks";
import type { CatalogueItem } from "../api.ts";
import type { Answer } from "../use-ranking.ts";

const PAUSE_MS = 900;

/** Tells a screen reader what comes first, once the typing pauses; the same is not told twice. */
export function Announcer({ answer, items }: { answer: Answer | undefined; items: readonly CatalogueItem[] }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const first = items.find(({ id }) => id === answer?.response.results[0]?.id);
    if (!answer || !first) return;
    const pause = setTimeout(
      () => setSaid(`First${answer.query && ` for ${answer.query}`}: ${first.title}.`),
      PAUSE_MS,
    );
    return () => clearTimeout(pause);
  }, [answer, items]);
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  );
}
