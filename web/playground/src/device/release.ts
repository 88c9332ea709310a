/** Which model the service has released: docs/updates.md. */

import { DownloadError } from "../../../src/index.ts";

interface Listing {
  readonly current: { readonly revision: string } | null;
}

/**
 * The revision of the model that devices should have.
 *
 * @throws {DownloadError} The service does not say, or has released none.
 */
export async function releasedRevision(headers: Record<string, string>): Promise<string> {
  const response = await fetch("/v1/model/", { headers, credentials: "omit", cache: "no-cache" }).catch(
    (cause: unknown) => {
      throw new DownloadError("the model can't be fetched: the server can't be reached", { cause });
    },
  );
  if (!response.ok) throw new DownloadError(`the model can't be fetched: the server answered ${response.status}`);
  const { current } = (await response.json()) as Listing;
  if (current === null) throw new DownloadError("the service has released no model to devices");
  return current.revision;
}
