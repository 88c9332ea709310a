/** The service that the page came from. */

import type { CatalogueItem, CataloguePage, RankRequest, RankResponse } from "./api.ts";

/** An answer that is none; the message is for a person. */
export class ServerError extends Error {
  /** Whether a key that the service knows would help. */
  readonly needsKey: boolean;

  constructor(message: string, needsKey = false) {
    super(message);
    this.needsKey = needsKey;
  }
}

const UNREACHABLE = "The server can’t be reached.";

export interface Server {
  catalogue(): Promise<CatalogueItem[]>;
  rank(request: RankRequest, signal: AbortSignal): Promise<RankResponse>;
}

/**
 * The server, asked with an API key, or with none where the key is empty.
 *
 * `sent` is told the bytes of each request's body.
 */
export function server(key: string, sent: (bytes: number) => void = () => {}): Server {
  const headers = authorization(key);
  return {
    async catalogue() {
      const items: CatalogueItem[] = [];
      for (;;) {
        const page: CataloguePage = await asked(`/v1/catalogue?offset=${items.length}`, { headers });
        items.push(...page.items);
        if (items.length >= page.total || page.items.length === 0) return items;
      }
    },
    rank(request, signal) {
      const body = new TextEncoder().encode(JSON.stringify(request));
      sent(body.length);
      return asked("/v1/rank", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body,
        signal,
      });
    },
  };
}

export function authorization(key: string): Record<string, string> {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

async function asked<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, { ...init, cache: "no-store", credentials: "omit" }).catch((error: unknown) => {
    throw error instanceof DOMException && error.name === "AbortError" ? error : new ServerError(UNREACHABLE);
  });
  if (response.ok) return (await response.json()) as Answer;
  throw new ServerError(await told(response), response.status === 401);
}

/** What the service says in the body of its errors, or what the status says. */
async function told(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  return body?.error?.message ?? `The server answered ${response.status}.`;
}
