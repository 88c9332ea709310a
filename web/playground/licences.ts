/** `licences.txt`: whose work is in the page and its worker, and on what terms. */

import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";

// The core's tables of characters are made of Unicode's.
const UNICODE = new URL("licences/unicode.txt", import.meta.url);

interface Licences {
  /** Notes what a bundle is made of. */
  readonly noted: () => Plugin;
  /** Writes the file; for the bundle that is finished last. */
  readonly written: () => Plugin;
}

/** Vite bundles a worker before the page that starts it, and tells its own `build.license` nothing of it. */
export function licences(): Licences {
  const folders = new Set<string>();
  const note = (ids: Iterable<string>) => {
    for (const id of ids) {
      const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
      if (folder) folders.add(folder);
    }
  };
  return {
    noted: () => ({
      name: "licences-noted",
      generateBundle() {
        note(this.getModuleIds());
      },
    }),
    written: () => ({
      name: "licences-written",
      generateBundle() {
        note(this.getModuleIds());
        const source = [...[...folders].sort().map(licenceOf), unicodeLicence()].join("\n");
        this.emitFile({ type: "asset", fileName: "licences.txt", source });
      },
    }),
  };
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf-8"));
  return `## ${name} ${version} (${license})\n\n${textOf(folder, name)}\n`;
}

function unicodeLicence(): string {
  return `## Unicode Character Database, of which the core has tables\n\n${readFileSync(UNICODE, "utf-8").trim()}\n`;
}

/** @throws {Error} The text is nowhere: the build is not to hold somebody's work without it. */
function textOf(folder: string, name: string): string {
  const shipped = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (!shipped) throw new Error(`${name} comes without its licence`);
  return readFileSync(`${folder}/${shipped}`, "utf-8").trim();
}
