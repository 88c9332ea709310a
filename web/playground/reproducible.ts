/** Builds the page aside, and fails unless it is byte for byte the one that the service has: `node playground/reproducible.ts`. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const committed = fileURLToPath(new URL("../../service/assets/playground", import.meta.url));
const aside = mkdtempSync(join(tmpdir(), "playground-"));
try {
  await build({
    configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)),
    build: { outDir: aside },
    logLevel: "warn",
  });
  const names = [...new Set([...readdirSync(committed), ...readdirSync(aside)])];
  const others = names.filter((name) => !contentOf(committed, name).equals(contentOf(aside, name)));
  if (others.length) {
    console.error(`service/assets/playground is not what its sources build: ${others.join(", ")}; run make web`);
    process.exitCode = 1;
  } else {
    console.log(`service/assets/playground: ${names.length} files, the same bytes`);
  }
} finally {
  rmSync(aside, { recursive: true });
}

function contentOf(folder: string, name: string): Buffer {
  return readdirSync(folder).includes(name) ? readFileSync(join(folder, name)) : Buffer.alloc(0);
}
