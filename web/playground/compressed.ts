/** Files of the build, compressed where that makes them smaller, in place of the files themselves. */

import { gzip } from "pako";
import type { Plugin } from "vite";

/** Below this, a file is sent as it is: the header would cost as much as is saved. */
const WORTH = 0.9;

/**
 * Compresses what is written. The compressor is JavaScript: what Node brings along differs from one processor to the
 * next, and a build is to give the same bytes everywhere.
 */
export function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const [name, output] of Object.entries(bundle)) {
          const content = output.type === "chunk" ? output.code : output.source;
          const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
          const smaller = gzip(bytes, { level: 9 });
          if (smaller.length >= bytes.length * WORTH) continue;
          delete bundle[name];
          this.emitFile({ type: "asset", fileName: `${name}.gz`, source: smaller });
        }
      },
    },
  };
}
