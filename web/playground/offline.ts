/** Tells the service worker what the build consists of: the list that it keeps, and answers for. */

import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";
import type { Release } from "./src/offline/release.ts";

const WORKER = "service-worker.js";
const PAGE = "index.html";
const PLACE = "self.__RELEASE__";
/** A name that depends on the content: what has another never changes. */
const NAMED_BY_CONTENT = /.+-[\w-]{8}\.\w+$/;

/** Goes before what compresses the files, and renames them. */
export function offline(): Plugin {
  let base = "/";
  return {
    name: "offline",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      base = config.base;
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = assetOf(bundle, WORKER);
        const source = textOf(worker);
        if (source.split(PLACE).length !== 2) throw new Error(`${WORKER} has not one place for its release`);
        const pageSha256 = sha256(textOf(assetOf(bundle, PAGE)));
        const files = Object.keys(bundle)
          .filter((name) => NAMED_BY_CONTENT.test(name))
          .sort()
          .map((name) => base + name);
        const version = sha256(pageSha256 + source).slice(0, 16);
        worker.source = source.replace(PLACE, () => JSON.stringify({ version, pageSha256, files } satisfies Release));
      },
    },
  };
}

function assetOf(bundle: Rolldown.OutputBundle, name: string): Rolldown.OutputAsset {
  const output = bundle[name];
  if (output?.type !== "asset") throw new Error(`the build has no ${name}`);
  return output;
}

function textOf({ source }: Rolldown.OutputAsset): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
