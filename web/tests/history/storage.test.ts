import "fake-indexeddb/auto";
import { describe, expect, onTestFinished, test } from "vitest";
import { IndexedDbHistoryStorage } from "../../src/history/indexed-db.ts";
import { type HistoryStorage, type KeptHistory, MemoryHistoryStorage } from "../../src/history/storage.ts";

const KEPT: KeptHistory = { events: [{ at: 1, item_id: "a", action: "click" }] };

let databases = 0;

function indexedDb(name = `history-${++databases}`): IndexedDbHistoryStorage {
  const storage = new IndexedDbHistoryStorage(name);
  onTestFinished(() => storage.close());
  return storage;
}

describe.each<[string, () => HistoryStorage]>([
  ["memory", () => new MemoryHistoryStorage()],
  ["IndexedDB", indexedDb],
])("in %s", (_, made) => {
  test("a history is kept, changed and dropped", async () => {
    const storage = made();
    expect(await storage.read()).toBeUndefined();
    await storage.change((kept) => {
      expect(kept).toBeUndefined();
      return KEPT;
    });
    expect(await storage.read()).toEqual(KEPT);
    await storage.change((kept) => {
      expect(kept).toEqual(KEPT);
      return undefined;
    });
    expect(await storage.read()).toBeUndefined();
  });

  test("a change that fails changes nothing", async () => {
    const storage = made();
    await storage.change(() => KEPT);
    const failing = storage.change(() => {
      throw new Error("failed");
    });
    await expect(failing).rejects.toThrow("failed");
    expect(await storage.read()).toEqual(KEPT);
  });
});

test("tabs see each other's changes, and none is lost", async () => {
  const [one, other] = [indexedDb("shared"), indexedDb("shared")];
  const adding = (storage: HistoryStorage, at: number) =>
    storage.change((kept) => ({ events: [...(kept?.events ?? []), { at, item_id: "a", action: "click" }] }));
  await Promise.all(Array.from({ length: 20 }, (_, at) => adding(at % 2 ? one : other, at)));
  const kept = await other.read();
  expect(kept?.events.map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at));
});

test("a database that could not be opened is opened the next time", async () => {
  const storage = indexedDb();
  const later = indexedDB.open(`history-${databases}`, 2); // as a later version of this library would
  await new Promise((resolve) => {
    later.onsuccess = resolve;
  });
  later.result.close();
  await expect(storage.read()).rejects.toMatchObject({ name: "VersionError" });
  await deleted(`history-${databases}`);
  expect(await storage.read()).toBeUndefined();
});

test("another tab may delete the database; it is made anew", async () => {
  const storage = indexedDb();
  await storage.change(() => KEPT);
  await deleted(`history-${databases}`);
  expect(await storage.read()).toBeUndefined();
  await storage.change(() => KEPT);
  expect(await storage.read()).toEqual(KEPT);
});

function deleted(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(name);
    deleting.onsuccess = resolve;
    deleting.onerror = reject;
  });
}
