import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { artifactWith } from "../../../tests/made.ts";
import { Releasing } from "../../../tests/models/releasing.ts";
import { Keeper } from "../../src/device/keeper.ts";

let releasing: Releasing;

beforeEach(async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  releasing = await Releasing.start();
  releasing.current = releasing.release(await artifactWith({}));
  releasing.list();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a model outlasts the page, and is opened by the next without the network", async () => {
  const keeper = await Keeper.open();
  expect((await keeper.update(releasing.url, {})).update).toMatchObject({ outcome: "updated", by: "files" });
  const next = await Keeper.open();
  expect(next.lasting).toBe(true);
  expect((await next.open())?.revision).toBe(releasing.current?.revision);
});

test("where the service does not answer, the model that is kept is used", async () => {
  const keeper = await Keeper.open();
  await expect(keeper.update("http://127.0.0.1:1/", {})).rejects.toMatchObject({ code: "download_failed" });
  await keeper.update(releasing.url, {});
  const { update, trouble } = await keeper.update("http://127.0.0.1:1/", {});
  expect(update).toBeUndefined();
  expect(trouble).toMatchObject({ code: "download_failed", temporary: true });
  expect((await keeper.kept()).current?.revision).toBe(releasing.current?.revision);
});

test("a browser that refuses storage has the model in memory", async () => {
  vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new DOMException("no", "SecurityError");
  });
  const keeper = await Keeper.open();
  expect(keeper.lasting).toBe(false);
  expect((await keeper.update(releasing.url, {})).update).toMatchObject({ outcome: "updated" });
  expect(await keeper.open()).not.toBeNull();
});

test("a browser without room has the first model in memory", async () => {
  const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  try {
    const keeper = await Keeper.open();
    expect((await keeper.update(releasing.url, {})).update).toMatchObject({ outcome: "updated" });
    expect(keeper.lasting).toBe(false);
    expect(await keeper.open()).not.toBeNull();
  } finally {
    put.mockRestore();
  }
});

test("what is forgotten is not there for the next page", async () => {
  const keeper = await Keeper.open();
  await keeper.update(releasing.url, {});
  await keeper.forget();
  expect(await (await Keeper.open()).open()).toBeNull();
});
