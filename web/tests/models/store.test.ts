import { deflateRawSync } from "node:zlib";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { type Artifact, type Files, MemoryStorage, ModelStore, type Progress } from "../../src/index.ts";
import { artifactWith, otherRanker, sha256 } from "../made.ts";
import { type Released, Releasing } from "./releasing.ts";

let firstFiles: Files;
let secondFiles: Files;
let releasing: Releasing;
let first: Released;
let second: Released;
let storage: MemoryStorage;
let store: ModelStore;

beforeAll(async () => {
  firstFiles = await artifactWith({});
  secondFiles = await artifactWith({ "ranker.json": await otherRanker("clicks") });
});

beforeEach(async () => {
  releasing = await Releasing.start();
  first = releasing.release(firstFiles);
  second = releasing.release(secondFiles);
  storage = new MemoryStorage();
  store = new ModelStore(storage);
  releasing.current = first;
  releasing.list();
});

async function update() {
  return store.update(releasing.url);
}

/** Has the second release follow the first. */
async function updatedTwice(): Promise<void> {
  await update();
  releasing.current = second;
  releasing.list();
  await update();
}

async function revision(): Promise<string | undefined> {
  return (await store.open())?.revision;
}

test("before the first update there is nothing, and nothing to roll back to", async () => {
  expect(await store.open()).toBeNull();
  await expect(store.rollBack()).rejects.toMatchObject({ code: "nothing_to_roll_back" });
  releasing.current = null;
  releasing.list();
  expect(await update()).toEqual({ outcome: "nothing", revision: null, by: null, loadedBytes: 0 });
});

test("the first update brings all files, and the next none", async () => {
  const told: Progress[] = [];
  const done = await store.update(releasing.url, { onProgress: (progress) => told.push(progress) });
  expect(done).toEqual({ outcome: "updated", revision: first.revision, by: "files", loadedBytes: first.device_bytes });
  expect(told.at(-1)).toMatchObject({ loadedBytes: first.device_bytes, totalBytes: first.device_bytes });
  expect(await revision()).toBe(first.revision);
  expect(await update()).toEqual({ outcome: "unchanged", revision: first.revision, by: null, loadedBytes: 0 });
});

test("the device's id is never sent", async () => {
  releasing.candidate = { ...second, percent: 50, salt: "salt" };
  releasing.list();
  await update();
  const { deviceId } = (await storage.state())!;
  expect(JSON.stringify(releasing.server.asked)).not.toContain(deviceId);
});

test("files that stayed the same are not fetched again", async () => {
  await update();
  releasing.taken();
  releasing.current = second;
  releasing.list();
  expect(await update()).toMatchObject({ outcome: "updated", by: "files" });
  expect(releasing.taken().sort()).toEqual(["manifest.json", "ranker.json"]);
  expect(await revision()).toBe(second.revision);
});

test("an interrupted update keeps the old model, and the next one goes on", async () => {
  await update();
  const thirdFiles = await artifactWith({ "notes.txt": new Uint8Array(300_000).fill(65) });
  const third = releasing.release(thirdFiles);
  releasing.current = third;
  releasing.list();
  releasing.server.breaking.set(`/v1/model/${third.revision}/notes.txt`, 200_000);
  await expect(update()).rejects.toMatchObject({ code: "download_failed", temporary: true });
  expect(await revision()).toBe(first.revision);
  const begun = (await storage.beginning(sha256(thirdFiles.get("notes.txt")!))).length;
  expect(begun).toBeGreaterThan(0);
  const done = await update();
  expect(done).toMatchObject({ outcome: "updated", revision: third.revision });
  expect(releasing.server.asked.at(-1)).toMatchObject({ range: `bytes=${begun}-` });
});

test("a file that is not what was released keeps the old model", async () => {
  await update();
  releasing.current = second;
  releasing.list();
  releasing.server.files.set(
    `/v1/model/${second.revision}/ranker.json`,
    secondFiles.get("ranker.json")!.map((b) => b ^ 1),
  );
  await expect(update()).rejects.toMatchObject({ message: "ranker.json does not match its checksum" });
  expect(await revision()).toBe(first.revision);
});

test("files that are no artifact, or another revision's, keep the old model", async () => {
  await update();
  releasing.current = { ...second, revision: "0".repeat(64) };
  for (const [path, bytes] of secondFiles) {
    releasing.server.files.set(`/v1/model/${"0".repeat(64)}/${path}`, bytes);
  }
  releasing.list();
  await expect(update()).rejects.toMatchObject({ code: "model_refused" });
  expect(await revision()).toBe(first.revision);
});

test("a model that does not pass the check does not take the place of the old one", async () => {
  await update();
  releasing.current = second;
  releasing.list();
  const check = async (artifact: Artifact) => {
    throw new Error(`can't run ${artifact.revision.slice(0, 4)}`);
  };
  await expect(store.update(releasing.url, { check })).rejects.toThrow("can't run");
  expect(await revision()).toBe(first.revision);
  expect(await store.update(releasing.url, { check: async () => undefined })).toMatchObject({ outcome: "updated" });
});

test("a roll-back returns to the model before, which an update leaves in its place", async () => {
  await updatedTwice();
  releasing.server.asked.length = 0;
  expect((await store.rollBack()).revision).toBe(first.revision);
  expect(releasing.server.asked).toEqual([]);
  expect(await revision()).toBe(first.revision);
  expect(await update()).toMatchObject({ outcome: "nothing", revision: first.revision });
  await expect(store.rollBack()).rejects.toMatchObject({ code: "nothing_to_roll_back" });
  const third = releasing.release(await artifactWith({ "ranker.json": await otherRanker("orders") }));
  releasing.current = third;
  releasing.list();
  expect(await update()).toMatchObject({ outcome: "updated", revision: third.revision });
});

test("a model that was rolled back from is taken again where that is asked for", async () => {
  await updatedTwice();
  await store.rollBack();
  expect(await store.update(releasing.url, { again: true })).toMatchObject({ outcome: "updated" });
  expect(await update()).toMatchObject({ outcome: "unchanged", revision: second.revision });
});

test("a revoked model is left, even for one that was rolled back from, and never returned to", async () => {
  await updatedTwice();
  await store.rollBack();
  releasing.revoked = [first.revision];
  releasing.list();
  expect(await update()).toMatchObject({ outcome: "updated", revision: second.revision });
  await update();
  await expect(store.rollBack()).rejects.toMatchObject({ code: "nothing_to_roll_back" });
});

test("a damaged file is told, and fetched anew by the next update", async () => {
  await update();
  const { sha256: checksum } = first.files.find(({ path }) => path === "vocab.txt")!;
  await storage.putFile(checksum, new Uint8Array(3));
  await expect(store.open()).rejects.toMatchObject({ code: "model_refused" });
  releasing.taken();
  expect(await update()).toMatchObject({ outcome: "updated", revision: first.revision });
  expect(releasing.taken()).toEqual(["vocab.txt"]);
  expect(await revision()).toBe(first.revision);
});

test("files of models before the last are forgotten", async () => {
  await updatedTwice();
  releasing.current = releasing.release(await artifactWith({ "ranker.json": await otherRanker("orders") }));
  releasing.list();
  await update();
  const of = (released: Released) => released.files.find(({ path }) => path === "ranker.json")!.sha256;
  expect(await storage.file(of(first))).toBeUndefined();
  expect(await storage.file(of(second))).toBeDefined();
});

test("what is kept is told without the device's id, and looking leaves nothing behind", async () => {
  expect(await store.kept()).toEqual({ current: null, previous: null, refused: [] });
  expect(await storage.state()).toBeUndefined();
  await updatedTwice();
  expect(await store.kept()).toMatchObject({ current: { revision: second.revision }, previous: first, refused: [] });
  await store.rollBack();
  expect(await store.kept()).toEqual({ current: first, previous: null, refused: [second.revision] });
});

test("the device's id stays the same from the first update on", async () => {
  await update();
  const { deviceId } = (await storage.state())!;
  releasing.current = second;
  releasing.list();
  await update();
  expect((await storage.state())!.deviceId).toBe(deviceId);
});

test("what is forgotten is gone, and loaded anew by the next update", async () => {
  await update();
  await store.forget();
  expect(await storage.state()).toBeUndefined();
  expect(await store.open()).toBeNull();
  expect(await storage.file(first.files[0]!.sha256)).toBeUndefined();
  expect(await update()).toMatchObject({ outcome: "updated", loadedBytes: first.device_bytes });
});

test("a list that is none is told in one line", async () => {
  releasing.server.files.set("/v1/model/", new TextEncoder().encode("<html>"));
  await expect(update()).rejects.toMatchObject({ message: "the list of models is not JSON" });
  releasing.server.files.delete("/v1/model/");
  await expect(update()).rejects.toMatchObject({
    message: "the list of models can't be fetched: the server answered 404",
  });
});

/** A delta of `whole` files, and `same` ones where the files are alike. */
function deltaOf(from: Released, to: Released): Uint8Array {
  const [old, next] = [firstFiles, secondFiles];
  const sections: Uint8Array[] = [];
  const files = to.files.map(({ path, bytes, sha256: checksum }) => {
    const same = Buffer.compare(old.get(path)!, next.get(path)!) === 0;
    const section = same ? new Uint8Array() : deflateRawSync(next.get(path)!);
    sections.push(section);
    return { path, kind: same ? "same" : "whole", bytes, sha256: checksum, packed: section.length, steps: 0 };
  });
  const index = Buffer.from(JSON.stringify({ from: from.revision, to: to.revision, files }));
  const header = Buffer.from("ERDL\u0001\0\0\0\0\0\0\0");
  header.writeUInt32LE(index.length, 8);
  return new Uint8Array(Buffer.concat([header, index, ...sections]));
}

test("a delta that is smaller than what changed is taken", async () => {
  await update();
  releasing.taken();
  const delta = deltaOf(first, second);
  releasing.offer(second, first, delta);
  releasing.current = second;
  releasing.list();
  expect(await update()).toEqual({
    outcome: "updated",
    revision: second.revision,
    by: "delta",
    loadedBytes: delta.length,
  });
  expect(releasing.taken()).toEqual([`delta/${first.revision}`]);
  expect(await revision()).toBe(second.revision);
});

test("a delta that is larger than what changed is not", async () => {
  await update();
  releasing.taken();
  releasing.offer(second, first, new Uint8Array(100_000));
  releasing.current = second;
  releasing.list();
  expect(await update()).toMatchObject({ by: "files" });
  expect(releasing.taken()).not.toContain(`delta/${first.revision}`);
});

test.each(["is not there", "is not what was offered", "makes other files"])(
  "where a delta %s, the files come",
  async (how) => {
    await update();
    const delta = deltaOf(first, second);
    if (how === "makes other files") {
      delta[delta.length - 8]! ^= 255;
    }
    releasing.offer(second, first, delta);
    const path = `/v1/model/${second.revision}/delta/${first.revision}`;
    if (how === "is not there") {
      releasing.server.files.delete(path);
    }
    if (how === "is not what was offered") {
      releasing.server.files.set(
        path,
        delta.map((byte) => byte ^ 1),
      );
    }
    releasing.current = second;
    releasing.list();
    expect(await update()).toMatchObject({ outcome: "updated", by: "files", revision: second.revision });
    expect(await revision()).toBe(second.revision);
  },
);

test("a connection that breaks during a delta is no reason to take the files", async () => {
  await update();
  releasing.taken();
  releasing.offer(second, first, deltaOf(first, second));
  releasing.current = second;
  releasing.list();
  releasing.server.breaking.set(`/v1/model/${second.revision}/delta/${first.revision}`, 100);
  await expect(update()).rejects.toMatchObject({ temporary: true });
  expect(releasing.taken()).toEqual([`delta/${first.revision}`]);
  expect(await update()).toMatchObject({ by: "delta" });
});
