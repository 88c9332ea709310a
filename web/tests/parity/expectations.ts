/** What the service does, written by `python -m tests.web.expectations web/expectations`. */

import { readFile } from "node:fs/promises";

const FOLDER = new URL("../../expectations/", import.meta.url);

export async function expected<Value>(name: string): Promise<Value> {
  return JSON.parse(await readFile(new URL(name, FOLDER), "utf8"));
}

export async function expectedLines<Line>(name: string): Promise<Line[]> {
  const lines = (await readFile(new URL(name, FOLDER), "utf8")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}
