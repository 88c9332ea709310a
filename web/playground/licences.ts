/** `licences.txt`: whose work is in the page and its worker, and on what terms. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

// Packages that come without the text of their licence; taken from their repositories.
const OWN_COPIES: Record<string, string> = {
  "@unicode/unicode-8.0.0": "unicode.txt",
  "onnxruntime-web": "onnxruntime.txt",
};

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
        const source = [...folders].sort().map(licenceOf).join("\n");
        this.emitFile({ type: "asset", fileName: "licences.txt", source });
      },
    }),
  };
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf-8"));
  return `## ${name} ${version} (${license})\n\n${textOf(folder, name)}\n`;
}

/** @throws {Error} The text is nowhere: the build is not to hold somebody's work without it. */
function textOf(folder: string, name: string): string {
  const own = OWN_COPIES[name] && fileURLToPath(new URL(`licences/${OWN_COPIES[name]}`, import.meta.url));
  const shipped = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  const path = shipped ? `${folder}/${shipped}` : own;
  if (!path || !existsSync(path)) throw new Error(`${name} comes without its licence: put the text into licences/`);
  return readFileSync(path, "utf-8").trim();
}
