import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { patience } from "../../src/http.ts";
import { MemoryStorage, ModelStore } from "../../src/index.ts";
import { artifactWith } from "../made.ts";
import { type Released, Releasing } from "./releasing.ts";

const before = { ...patience };
let releasing: Releasing;
let first: Released;
let storage: Counting;
let store: ModelStore;

/** Tells how many files it keeps. */
class Counting extends MemoryStorage {
  readonly kept = new Set<string>();

  override async putFile(sha256: string, bytes: Uint8Array): Promise<void> {
    this.kept.add(sha256);
    await super.putFile(sha256, bytes);
  }

  override async keepOnly(sha256s: ReadonlySet<string>): Promise<void> {
    for (const one of this.kept) {
      if (!sha256s.has(one)) {
        this.kept.delete(one);
      }
    }
    await super.keepOnly(sha256s);
  }
}

beforeEach(async () => {
  releasing = await Releasing.start();
  first = releasing.release(await artifactWith({}));
  releasing.current = first;
  releasing.list();
  storage = new Counting();
  store = new ModelStore(storage);
  await store.update(releasing.url);
});

afterEach(() => {
  Object.assign(patience, before);
});

async function isFirst(): Promise<boolean> {
  return (await store.open())?.revision === first.revision;
}

const FILE = { bytes: 4, sha256: "0".repeat(64), device: true };

test.each([
  ["a path that leads out", { files: [{ path: "../evil", ...FILE }] }],
  ["a path that is absolute", { files: [{ path: "/evil", ...FILE }] }],
  ["half a character", { files: [{ path: "\ud800", ...FILE }] }],
  ["a line", { files: [{ path: "a\nb", ...FILE }] }],
  ["a file twice", { files: [1, 2].map(() => ({ path: "manifest.json", ...FILE })) }],
  ["a petabyte", { files: [{ path: "manifest.json", ...FILE, bytes: 10 ** 15 }] }],
  ["many that are large", { files: [1, 2].map((name) => ({ path: `f${name}`, ...FILE, bytes: 200 * 1024 ** 2 })) }],
  ["too many", { files: Array.from({ length: 5000 }, (_, name) => ({ path: `f${name}`, ...FILE })) }],
  ["a name that steers", { name: "x\u001b[2J" }],
  ["a name that reads backwards", { name: "\u202eevil" }],
  ["no name", { name: "" }],
  ["a delta of a petabyte", { deltas: [{ from: "0".repeat(64), bytes: 10 ** 15, sha256: "0".repeat(64) }] }],
])("what can't be released is refused: %s", async (_, change) => {
  releasing.current = { ...first, revision: "1".repeat(64), ...change } as Released;
  releasing.list();
  releasing.server.asked.length = 0;
  await expect(store.update(releasing.url)).rejects.toMatchObject({ code: "download_failed", temporary: false });
  expect(releasing.server.asked).toHaveLength(1);
  expect(await isFirst()).toBe(true);
});

test.each(["[".repeat(200_000), '{"schema_version":1e999}', "<!doctype html>", "", `"${"a".repeat(2_000_000)}"`])(
  "a list that is none is told",
  async (content) => {
    releasing.server.files.set("/v1/model/", new TextEncoder().encode(content));
    await expect(store.update(releasing.url)).rejects.toMatchObject({ code: "download_failed" });
    expect(await isFirst()).toBe(true);
  },
);

test.each([
  ["graph", { "onnx/model_int8.onnx": new Uint8Array(100).fill(255) }],
  ["vocabulary", { "vocab.txt": new TextEncoder().encode("x\n".repeat(5)) }],
  ["ranker", { "ranker.json": new TextEncoder().encode("{}") }],
])("a model that can't be read is not switched to, nor are its files kept: %s", async (_, files) => {
  const kept = new Set(storage.kept);
  releasing.current = releasing.release(await artifactWith(files));
  releasing.list();
  for (let turn = 0; turn < 2; turn++) {
    await expect(store.update(releasing.url)).rejects.toMatchObject({ code: "model_refused" });
    expect(storage.kept).toEqual(kept);
  }
  expect(await isFirst()).toBe(true);
});

test("files of releases that failed do not pile up", async () => {
  const sizes: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const notes = new Uint8Array(1000).fill(turn);
    const next = releasing.release(await artifactWith({ "notes.txt": notes, "other.txt": notes.map((b) => b + 100) }));
    releasing.server.failing.set(`/v1/model/${next.revision}/other.txt`, 503);
    releasing.current = next;
    releasing.list();
    await expect(store.update(releasing.url)).rejects.toMatchObject({ temporary: true });
    sizes.push(storage.kept.size);
  }
  expect(new Set(sizes).size).toBe(1);
});

async function served(answer: (response: ServerResponse) => void): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

test("a server that never answers is given up", async () => {
  patience.silenceMs = 50;
  const { url } = await served(() => undefined);
  await expect(store.update(url)).rejects.toMatchObject({ message: /silent/, temporary: true });
});

test("a server that falls silent in the middle is given up", async () => {
  patience.silenceMs = 50;
  const { url } = await served((response) => response.writeHead(200).write("{"));
  await expect(store.update(url)).rejects.toMatchObject({ message: /silent/, temporary: true });
});

test("a server that drips is given up", async () => {
  Object.assign(patience, { slowAfterMs: 50, leastBytesPerSecond: 10_000 });
  const { url } = await served((response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(" "), 5);
    response.on("close", () => clearInterval(timer));
  });
  await expect(store.update(url)).rejects.toMatchObject({ message: /too slowly/, temporary: true });
});

test("a key is not taken elsewhere", async () => {
  let asked = 0;
  const elsewhere = await served((response) => {
    asked += 1;
    response.end("{}");
  });
  const { url } = await served((response) => response.writeHead(302, { Location: elsewhere.url }).end());
  await expect(store.update(url, { headers: { "X-API-Key": "secret" } })).rejects.toMatchObject({
    code: "download_failed",
  });
  expect(asked).toBe(0);
});
