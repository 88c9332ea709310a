/** The order for what is asked now: asked anew whenever that changes, late answers to earlier questions dropped. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { RankRequest, RankResponse } from "./api.ts";
import { latest } from "./latest.ts";

export type Place = "device" | "server";

export type Rank = (request: RankRequest, signal: AbortSignal) => Promise<RankResponse>;

export interface Answer {
  readonly place: Place;
  readonly query: string;
  readonly response: RankResponse;
  /** Milliseconds from asking until the answer was in the page. */
  readonly took: number;
}

export interface Ranking {
  readonly answer: Answer | undefined;
  /** Why there is no answer to what is asked now. */
  readonly failure: Error | undefined;
}

interface State {
  readonly answer: Answer | undefined;
  readonly failed: { readonly place: Place; readonly error: Error } | undefined;
}

interface Question {
  readonly place: Place;
  readonly rank: Rank;
  readonly request: RankRequest;
}

/** Ranks; while there is nobody to `rank` or nothing to ask, the last answer stays. */
export function useRanking(place: Place, rank: Rank | undefined, request: RankRequest | undefined): Ranking {
  const [{ answer, failed }, setState] = useState<State>({ answer: undefined, failed: undefined });

  const asking = useMemo(
    () =>
      latest<Question, Answer>(
        ask,
        (answer) => setState({ answer, failed: undefined }),
        (error, { place }) => setState(({ answer }) => ({ answer, failed: { place, error: asError(error) } })),
      ),
    [],
  );
  useEffect(() => {
    if (rank && request) asking.ask({ place, rank, request });
    else asking.cancel();
  }, [asking, place, rank, request]);
  useEffect(() => asking.cancel, [asking]);

  return { answer, failure: failed?.place === place ? failed.error : undefined };
}

async function ask({ place, rank, request }: Question, signal: AbortSignal): Promise<Answer> {
  const asked = performance.now();
  const response = await rank(request, signal);
  return { place, query: request.query ?? "", response, took: performance.now() - asked };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
