/**
 * The page as the service serves it: `index.html` at `/`, all else flat below `/playground/`. What the page runs on is
 * named by its content; the service worker, which browsers look for under one name, and what `public/` has are not.
 */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { compressed } from "./compressed.ts";
import { licences } from "./licences.ts";
import { offline } from "./offline.ts";

const output = {
  entryFileNames: "[name]-[hash].js",
  chunkFileNames: "[name]-[hash].js",
  assetFileNames: "[name]-[hash].[ext]",
};
const { noted, written } = licences();

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/playground/",
  plugins: [written(), offline(), compressed()],
  worker: {
    format: "es",
    plugins: () => [noted()],
    rolldownOptions: {
      output: {
        ...output,
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : output.entryFileNames),
      },
    },
  },
  build: {
    outDir: "../../service/assets/playground",
    emptyOutDir: true,
    target: "es2022",
    assetsDir: "",
    assetsInlineLimit: 0, // the page's policy allows no data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts"] },
});
