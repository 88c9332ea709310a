/** What one build of the page consists of. */

export interface Release {
  /** Of this build alone. */
  readonly version: string;
  /** SHA-256 of the page itself, which names all else. */
  readonly pageSha256: string;
  /** Paths of the page's files. Each has the hash of its content in its name. */
  readonly files: readonly string[];
}

export const PAGE = "/";

/** Begins the name of everything that is kept in the browser's cache storage. */
export const OURS = "edge-rank-";
const PAGES = `${OURS}page-`;

/** The cache of a build. */
export function cacheOf({ version }: Release): string {
  return PAGES + version;
}

/** Delete the caches of all builds but one, or of all. */
export async function deletePages(but?: Release): Promise<void> {
  const kept = but && cacheOf(but);
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== kept);
  await Promise.all(names.map((name) => caches.delete(name)));
}
