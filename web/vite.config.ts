import { copyFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const WASM = "edge-rank.wasm";

export default defineConfig({
  plugins: [
    {
      name: "core-beside-script",
      writeBundle: ({ dir }) => copyFileSync(new URL(`src/core/${WASM}`, import.meta.url), `${dir}/${WASM}`),
    },
  ],
  build: {
    target: "es2022",
    sourcemap: true,
    lib: { entry: "src/index.ts", formats: ["es"], fileName: "edge-rank-device" },
    rolldownOptions: { external: [/^(idb|valibot)/] },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 120_000,
  },
});
