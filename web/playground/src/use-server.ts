/** The ranker on the server, and what was sent there. */

import { useMemo, useState } from "preact/hooks";
import { server } from "./server.ts";
import type { Rank } from "./use-ranking.ts";

export interface Sent {
  readonly requests: number;
  /** Of the requests' bodies. */
  readonly bytes: number;
}

export function useServer(key: string): { readonly rank: Rank; readonly sent: Sent } {
  const [sent, setSent] = useState<Sent>({ requests: 0, bytes: 0 });
  const rank = useMemo<Rank>(() => {
    const asked = server(key, (bytes) => setSent((now) => ({ requests: now.requests + 1, bytes: now.bytes + bytes })));
    return asked.rank;
  }, [key]);
  return { rank, sent };
}
