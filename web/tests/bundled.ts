/** The artifact and the demo catalogue that the Python package carries. */

import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Artifact, type Files, type Item, Recommender } from "../src/index.ts";

const ASSETS = new URL("../../service/assets/", import.meta.url);

export const MODEL_FOLDER = fileURLToPath(new URL("model/", ASSETS));

/** All files of the bundled artifact. */
export async function bundledFiles(): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(MODEL_FOLDER, { recursive: true, withFileTypes: true });
  const files = new Map<string, Uint8Array>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = `${entry.parentPath}/${entry.name}`;
    files.set(path.slice(MODEL_FOLDER.length).replace(/^\//, ""), new Uint8Array(await readFile(path)));
  }
  return files;
}

export async function demoCatalogue(): Promise<Item[]> {
  const lines = await readFile(new URL("demo_catalogue.jsonl", ASSETS), "utf8");
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Item);
}

export async function bundledRecommender(options: { catalogue?: Item[]; files?: Files } = {}): Promise<Recommender> {
  const artifact = await Artifact.open(options.files ?? (await bundledFiles()));
  return Recommender.create(artifact, { catalogue: options.catalogue ?? [] });
}
