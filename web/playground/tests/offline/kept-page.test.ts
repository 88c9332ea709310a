import { afterEach, expect, test, vi } from "vitest";
import { isKept, keepPage, removePage } from "../../src/offline/kept-page.ts";
import { stubCaches } from "./cache-storage.ts";

vi.mock("../../src/offline/service-worker.ts?worker&url", () => ({ default: "/playground/service-worker.js" }));

const OURS = "http://here/playground/service-worker.js";

afterEach(() => vi.unstubAllGlobals());

/** A service worker that changes its state when told to. */
class MadeWorker extends EventTarget {
  state: string;
  readonly scriptURL: string;

  constructor(state: string, scriptURL = OURS) {
    super();
    this.state = state;
    this.scriptURL = scriptURL;
  }

  become(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

function registration(workers: { installing?: MadeWorker; waiting?: MadeWorker; active?: MadeWorker }) {
  const made = { installing: null, waiting: null, active: null, ...workers, unregister: vi.fn(async () => true) };
  const register = vi.fn(async () => made);
  vi.stubGlobal("navigator", { serviceWorker: { register, getRegistration: async () => made } });
  return { ...made, register };
}

test("the page is kept once the worker is installed", async () => {
  const installing = new MadeWorker("installing");
  const { register } = registration({ installing, waiting: new MadeWorker("installed") });
  const keeping = keepPage();
  expect(await Promise.race([keeping.then(() => "kept"), Promise.resolve().then(() => "waits")])).toBe("waits");
  await vi.waitFor(() => expect(register).toHaveBeenCalledWith("/playground/service-worker.js", { scope: "/" }));
  installing.become("installed");
  await keeping;
});

test("a first worker that fails keeps no page, a later one leaves the one before", async () => {
  const failing = async (active?: MadeWorker) => {
    const installing = new MadeWorker("installing");
    registration(active ? { installing, active } : { installing });
    const keeping = keepPage();
    await new Promise((resolve) => setTimeout(resolve));
    installing.become("redundant");
    return keeping;
  };
  await expect(failing()).rejects.toThrow("could not be kept");
  await failing(new MadeWorker("activated"));
});

test("a browser without service workers keeps no page, and has none to remove", async () => {
  vi.stubGlobal("navigator", {});
  expect(await isKept()).toBe(false);
  await expect(keepPage()).rejects.toThrow();
  vi.stubGlobal("caches", undefined);
  await removePage();
});

test("only our own worker counts", async () => {
  registration({ active: new MadeWorker("activated") });
  expect(await isKept()).toBe(true);
  stubCaches();
  const { unregister } = registration({ active: new MadeWorker("activated", "http://here/other.js") });
  expect(await isKept()).toBe(false);
  await removePage();
  expect(unregister).not.toHaveBeenCalled();
});

test("a removal leaves nothing of ours, not what is just being kept either", async () => {
  const made = stubCaches();
  await made.open("edge-rank-items");
  await made.open("another-app");
  const installing = new MadeWorker("installing");
  const { unregister } = registration({ active: new MadeWorker("activated"), installing });
  const removing = removePage();
  await vi.waitFor(() => expect(unregister).toHaveBeenCalled());
  await made.open("edge-rank-page-v2");
  installing.become("installed");
  await removing;
  expect(await made.keys()).toEqual(["another-app"]);
});
