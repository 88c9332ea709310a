import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type HistoryStorage, HistoryStore, MemoryHistoryStorage, type RankRequest } from "../../src/index.ts";
import { checkRank } from "../../src/schema/requests.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const DAY_S = 86_400;
const REQUEST: RankRequest = { query: "tea", candidates: [{ id: "a", text: "Tea" }] };

let history: HistoryStore;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("fetch", () => {
    throw new Error("nothing is sent");
  });
  history = new HistoryStore();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function later(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

async function idsOf(store = history): Promise<string[]> {
  return (await store.events()).map(({ item_id }) => item_id!);
}

async function click(...items: string[]): Promise<void> {
  for (const item_id of items) {
    await history.record({ item_id, action: "click" });
  }
}

describe("consent", () => {
  test("nothing is recorded before it is given", async () => {
    expect(await history.hasConsent()).toBe(false);
    expect(await history.record({ item_id: "a", action: "click" })).toBe(false);
    await history.clear();
    await history.forget("a");
    expect(await history.hasConsent()).toBe(false);
    await history.giveConsent();
    expect(await history.hasConsent()).toBe(true);
    expect(await history.events()).toEqual([]);
  });

  test("given twice, it forgets nothing", async () => {
    await history.giveConsent();
    await click("a");
    await history.giveConsent();
    expect(await idsOf()).toEqual(["a"]);
  });

  test("withdrawn, it forgets everything, in every tab", async () => {
    const tab = new HistoryStore();
    await history.giveConsent();
    await click("a");
    expect(await idsOf(tab)).toEqual(["a"]);
    await tab.withdrawConsent();
    expect(await history.record({ item_id: "b", action: "click" })).toBe(false);
    await history.giveConsent();
    expect(await history.events()).toEqual([]);
  });
});

describe("events", () => {
  beforeEach(() => history.giveConsent());

  test("the latest comes first, with its age by now", async () => {
    await history.record({ item_id: "tea", action: "view", text: "Tea", category: "food" });
    later(60);
    await history.record({ item_id: "taxi", action: "purchase", text: null });
    later(30.5);
    expect(await history.events()).toEqual([
      { item_id: "taxi", action: "purchase", age_s: 30.5 },
      { item_id: "tea", action: "view", text: "Tea", category: "food", age_s: 90.5 },
    ]);
  });

  test("of tabs that record at once, all are kept", async () => {
    const tabs = [history, new HistoryStore(), new HistoryStore()];
    const all = Array.from({ length: 30 }, (_, at) => `i${at}`);
    await Promise.all(all.map((item_id, at) => tabs[at % 3]!.record({ item_id, action: "view" })));
    expect((await idsOf()).toSorted()).toEqual(all.toSorted());
  });

  test("one that is not valid is refused", async () => {
    for (const event of [{ action: "click" }, { item_id: "a", action: "hover" }, { item_id: "a" }, null]) {
      await expect(history.record(event as never)).rejects.toMatchObject({ code: "invalid_request" });
    }
    await expect(history.record({ item_id: "a", action: "view", age_s: 1 } as never)).rejects.toMatchObject({
      details: [{ field: "age_s", message: "is not a field" }],
    });
    expect(await history.events()).toEqual([]);
  });

  test("one item's are forgotten, or all", async () => {
    await click("a", "b", "a", "c");
    await history.forget("a");
    expect(await idsOf()).toEqual(["c", "b"]);
    await history.clear();
    expect(await history.events()).toEqual([]);
    expect(await history.hasConsent()).toBe(true);
  });
});

describe("bounds", () => {
  test("of many events the oldest go", async () => {
    history = new HistoryStore({ mostEvents: 3 });
    await history.giveConsent();
    await click("a", "b", "c", "d", "e");
    expect(await idsOf()).toEqual(["e", "d", "c"]);
  });

  test("200 are kept for 90 days unless something else is said", async () => {
    await history.giveConsent();
    await click("old");
    later(80 * DAY_S);
    await click(...Array.from({ length: 199 }, (_, at) => `i${at}`));
    expect((await idsOf()).at(-1)).toBe("old");
    later(11 * DAY_S);
    expect(await history.events()).toHaveLength(199);
    await click("x", "y");
    expect(await history.events()).toHaveLength(200);
  });

  test("what is too old is gone from the disk, though nothing is recorded any more", async () => {
    const storage = new MemoryHistoryStorage();
    history = new HistoryStore({ storage, mostDays: 1 });
    await history.giveConsent();
    await click("a");
    later(DAY_S + 1);
    expect(await history.into(REQUEST)).toBe(REQUEST);
    expect(await storage.read()).toEqual({ events: [] });
  });

  test("bounds that are none are refused", () => {
    for (const options of [{ mostEvents: 0 }, { mostEvents: 10_001 }, { mostDays: 0.5 }, { mostDays: Number.NaN }]) {
      expect(() => new HistoryStore(options)).toThrow("is not valid");
    }
  });
});

describe("clocks", () => {
  beforeEach(() => history.giveConsent());

  test("set back, it makes no age negative and forgets nothing", async () => {
    await click("a");
    later(100);
    await click("b");
    vi.setSystemTime(0);
    await click("c");
    expect(await history.events()).toMatchObject([
      { item_id: "c", age_s: 0 },
      { item_id: "b", age_s: 0 },
      { item_id: "a", age_s: 0 },
    ]);
    vi.setSystemTime(NOW + 200_000);
    expect(await history.events()).toMatchObject([
      { item_id: "c", age_s: 100 },
      { item_id: "b", age_s: 100 },
      { item_id: "a", age_s: 200 },
    ]);
  });

  test("what was recorded while it was years ahead ages like the next event, and goes with it", async () => {
    await click("a");
    vi.setSystemTime(NOW + 5000 * 1000);
    await click("b");
    vi.setSystemTime(NOW + 60_000);
    await click("c");
    later(40);
    expect(await history.events()).toMatchObject([
      { item_id: "c", age_s: 40 },
      { item_id: "b", age_s: 40 },
      { item_id: "a", age_s: 100 },
    ]);
    checkRank(await history.into(REQUEST));
    later(91 * DAY_S);
    expect(await history.events()).toEqual([]);
  });
});

describe("a request", () => {
  beforeEach(() => history.giveConsent());

  test("has the history that is kept, and its own fields", async () => {
    await click("a");
    later(5);
    const request = { ...REQUEST, user: { id: "u" } };
    expect(await history.into(request)).toEqual({
      ...REQUEST,
      user: { id: "u", history: [{ item_id: "a", action: "click", age_s: 5 }] },
    });
    expect(request.user).toEqual({ id: "u" });
  });

  test("that says its history keeps it, an empty one too", async () => {
    await click("a");
    const request = { ...REQUEST, user: { history: [] } };
    expect(await history.into(request)).toBe(request);
  });

  test("holds no more than it may", async () => {
    history = new HistoryStore({ mostEvents: 300, storage: new MemoryHistoryStorage() });
    await history.giveConsent();
    await click(...Array.from({ length: 250 }, (_, at) => `i${at}`));
    const request = await history.into(REQUEST);
    checkRank(request);
    expect(request.user?.history).toHaveLength(200);
    expect(request.user?.history?.[0]).toMatchObject({ item_id: "i249" });
  });
});

describe("an export", () => {
  beforeEach(() => history.giveConsent());

  test("is taken by another device, and twice is as once", async () => {
    await click("a");
    later(10);
    await click("b");
    const json = await history.export();
    await history.withdrawConsent();
    expect(await history.import(json)).toBe(false);
    expect(await history.events()).toEqual([]);
    await history.giveConsent();
    later(10);
    await click("c");
    expect(await history.import(json)).toBe(true);
    await history.import(json);
    expect(await history.events()).toMatchObject([
      { item_id: "c", age_s: 0 },
      { item_id: "b", age_s: 10 },
      { item_id: "a", age_s: 20 },
    ]);
  });

  test("that is too large or too old is bounded like all else", async () => {
    await click("a", "b", "c");
    const json = await history.export();
    const few = new HistoryStore({ storage: new MemoryHistoryStorage(), mostEvents: 2, mostDays: 1 });
    await few.giveConsent();
    await few.import(json);
    expect(await idsOf(few)).toEqual(["c", "b"]);
    later(2 * DAY_S);
    await few.import(json);
    expect(await few.events()).toEqual([]);
  });

  test("that is none changes nothing", async () => {
    await click("a");
    await expect(history.import('{"format": "other"}')).rejects.toMatchObject({ code: "invalid_request" });
    expect(await idsOf()).toEqual(["a"]);
  });
});

describe("a device that refuses", () => {
  async function refusesWith(code: string, store = history): Promise<void> {
    const calls = [
      store.hasConsent(),
      store.giveConsent(),
      store.withdrawConsent(),
      store.record({ item_id: "a", action: "click" }),
      store.events(),
      store.forget("a"),
      store.clear(),
      store.export(),
    ];
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
      expect(status).toBe("rejected");
      expect(reason).toMatchObject({ name: "HistoryError", code });
    }
    expect(await store.into(REQUEST)).toBe(REQUEST);
  }

  test("says so in private windows, and ranks", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    await refusesWith("history_unavailable");
  });

  test("says so where there is no IndexedDB, and ranks", async () => {
    vi.stubGlobal("indexedDB", undefined);
    await refusesWith("history_unavailable");
  });

  test("may change its mind", async () => {
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    await expect(history.giveConsent()).rejects.toMatchObject({ code: "history_unavailable" });
    open.mockRestore();
    await history.giveConsent();
    expect(await history.hasConsent()).toBe(true);
  });

  test("without room keeps what it had", async () => {
    await history.giveConsent();
    await click("a");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await expect(history.record({ item_id: "b", action: "click" })).rejects.toMatchObject({ code: "history_full" });
    expect(await idsOf()).toEqual(["a"]);
    await history.withdrawConsent();
    expect(await history.hasConsent()).toBe(false);
  });

  test("by never answering keeps no ranking waiting", async () => {
    const never = new Promise<never>(() => undefined);
    const storage: HistoryStorage = { read: () => never, change: () => never };
    expect(await new HistoryStore({ storage }).into(REQUEST)).toBe(REQUEST);
  });

  test("with something else in its place has no consent", async () => {
    for (const found of [null, 7, { events: "all" }, { events: [{ item_id: "a", action: "click", at: Infinity }] }]) {
      const storage = new MemoryHistoryStorage();
      await storage.change(() => found as never);
      const store = new HistoryStore({ storage });
      expect(await store.hasConsent()).toBe(false);
      expect(await store.record({ item_id: "a", action: "click" })).toBe(false);
      await store.giveConsent();
      expect(await store.events()).toEqual([]);
    }
  });
});
