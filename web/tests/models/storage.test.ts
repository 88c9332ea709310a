import "fake-indexeddb/auto";
import { describe, expect, onTestFinished, test } from "vitest";
import { IndexedDbStorage } from "../../src/models/indexed-db.ts";
import { MemoryStorage, type ModelStorage, type State } from "../../src/models/storage.ts";

const STATE: State = { deviceId: "d", current: null, previous: null, refused: ["r"] };

let databases = 0;

async function indexedDb(): Promise<ModelStorage> {
  databases++;
  const storage = await IndexedDbStorage.open(`test-${databases}`);
  onTestFinished(() => storage.close());
  return storage;
}

describe.each<[string, () => Promise<ModelStorage>]>([
  ["memory", async () => new MemoryStorage()],
  ["IndexedDB", indexedDb],
])("in %s", (_, open) => {
  test("a state is kept", async () => {
    const storage = await open();
    expect(await storage.state()).toBeUndefined();
    await storage.setState(STATE);
    expect(await storage.state()).toEqual(STATE);
  });

  test("a file is kept, and its beginning then forgotten", async () => {
    const storage = await open();
    await storage.append("f", 0, Uint8Array.of(1, 2));
    await storage.append("f", 2, Uint8Array.of(3));
    expect(await storage.beginning("f")).toEqual(Uint8Array.of(1, 2, 3));
    expect(await storage.file("f")).toBeUndefined();
    await storage.putFile("f", Uint8Array.of(1, 2, 3, 4));
    expect(await storage.file("f")).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(await storage.beginning("f")).toEqual(new Uint8Array());
    await storage.removeFile("f");
    expect(await storage.file("f")).toBeUndefined();
  });

  test("a beginning is dropped without another's", async () => {
    const storage = await open();
    await storage.append("f", 0, Uint8Array.of(1));
    await storage.append("g", 0, Uint8Array.of(2));
    await storage.dropBeginning("f");
    expect(await storage.beginning("f")).toEqual(new Uint8Array());
    expect(await storage.beginning("g")).toEqual(Uint8Array.of(2));
  });

  test("all but some files are forgotten", async () => {
    const storage = await open();
    for (const name of ["a", "b"]) {
      await storage.putFile(name, Uint8Array.of(1));
      await storage.append(`${name}-begun`, 0, Uint8Array.of(1));
    }
    await storage.keepOnly(new Set(["b", "b-begun"]));
    expect(await storage.file("a")).toBeUndefined();
    expect(await storage.file("b")).toBeDefined();
    expect(await storage.beginning("a-begun")).toHaveLength(0);
    expect(await storage.beginning("b-begun")).toHaveLength(1);
  });

  test("all is forgotten", async () => {
    const storage = await open();
    await storage.setState(STATE);
    await storage.putFile("f", Uint8Array.of(1));
    await storage.append("g", 0, Uint8Array.of(1));
    await storage.clear();
    expect(await storage.state()).toBeUndefined();
    expect(await storage.file("f")).toBeUndefined();
    expect(await storage.beginning("g")).toHaveLength(0);
  });
});

test("chunks of two tabs that leave a gap count as far as they join", async () => {
  const storage = await indexedDb();
  await storage.append("f", 0, Uint8Array.of(1, 2));
  await storage.append("f", 1, Uint8Array.of(2));
  await storage.append("f", 2, Uint8Array.of(3));
  await storage.append("f", 5, Uint8Array.of(6));
  expect(await storage.beginning("f")).toEqual(Uint8Array.of(1, 2, 3));
});
