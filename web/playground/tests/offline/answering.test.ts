import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { answerTo } from "../../src/offline/answering.ts";
import { cacheOf, type Release } from "../../src/offline/release.ts";
import { stubCaches } from "./cache-storage.ts";

const ORIGIN = "http://here";
const RELEASE: Release = { version: "v1", pageSha256: "", files: ["/playground/index-AAAAAAAA.js"] };
const remove = vi.fn(async () => undefined);

beforeEach(async () => {
  vi.stubGlobal("location", { origin: ORIGIN });
  const cache = await stubCaches().open(cacheOf(RELEASE));
  await cache.put("/", new Response("kept page"));
  await cache.put("/playground/index-AAAAAAAA.js", new Response("kept script"));
});

afterEach(() => {
  remove.mockClear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function asked(path: string, init: RequestInit = {}, mode = "cors"): Request {
  const request = new Request(new URL(path, ORIGIN), init);
  return Object.defineProperty(request, "mode", { value: mode });
}

function visit(path = "/"): Promise<Response> | undefined {
  return answerTo(asked(path, {}, "navigate"), RELEASE, remove);
}

function serviceAnswers(answer: (() => Promise<Response>) | Response): void {
  vi.stubGlobal("fetch", typeof answer === "function" ? answer : async () => answer.clone());
}

test.each<[string, Request]>([
  ["a ranking", asked("/v1/rank", { method: "POST", body: "{}" })],
  ["the catalogue", asked("/v1/catalogue?offset=0")],
  ["the list of models", asked("/v1/model/")],
  ["a visit of another page", asked("/docs", {}, "navigate")],
  ["something sent to the page", asked("/", { method: "POST" }, "navigate")],
  ["a look at the page's head", asked("/", { method: "HEAD" })],
  ["the page with a question", asked("/?query=secret", {}, "navigate")],
  ["the page, by a script", asked("/")],
  ["a file with a question", asked("/playground/index-AAAAAAAA.js?1")],
  ["something sent to a file", asked("/playground/index-AAAAAAAA.js", { method: "POST" })],
  ["a file of another build", asked("/playground/index-BBBBBBBB.js")],
  ["a file without a hash", asked("/playground/licences.txt")],
  ["the service worker itself", asked("/playground/service-worker.js")],
  ["a file elsewhere", asked("http://elsewhere/playground/index-AAAAAAAA.js")],
  ["the page elsewhere", asked("http://elsewhere/", {}, "navigate")],
])("%s is not touched", (_, request) => {
  serviceAnswers(() => {
    throw new Error("it was touched");
  });
  expect(answerTo(request, RELEASE, remove)).toBeUndefined();
});

test("a file comes from what is kept, and without it from the service", async () => {
  serviceAnswers(new Response("served script"));
  const script = () => answerTo(asked("/playground/index-AAAAAAAA.js"), RELEASE, remove);
  expect(await (await script())?.text()).toBe("kept script");
  await caches.delete(cacheOf(RELEASE));
  expect(await (await script())?.text()).toBe("served script");
});

test("the page comes from the service, and without it from what is kept", async () => {
  serviceAnswers(new Response("served page"));
  expect(await (await visit())?.text()).toBe("served page");
  expect(await (await visit("/#results"))?.text()).toBe("served page");
  serviceAnswers(async () => {
    throw new TypeError("no network");
  });
  expect(await (await visit())?.text()).toBe("kept page");
  expect(remove).not.toHaveBeenCalled();
});

test.each([429, 500, 502, 503, 504])("the page that is kept stands in for an answer of %d", async (status) => {
  serviceAnswers(new Response("busy", { status }));
  expect(await (await visit())?.text()).toBe("kept page");
  await caches.delete(cacheOf(RELEASE));
  expect((await visit())?.status).toBe(status);
  expect(remove).not.toHaveBeenCalled();
});

test("the page that is kept stands in for a network that says nothing", async () => {
  vi.useFakeTimers();
  serviceAnswers(() => new Promise<Response>(() => undefined));
  const shown = visit();
  await vi.advanceTimersByTimeAsync(3000);
  expect(await (await shown)?.text()).toBe("kept page");
});

test.each([401, 404, 410])("where the service has no page any more (%d), none is kept", async (status) => {
  serviceAnswers(new Response("gone", { status }));
  expect((await visit())?.status).toBe(status);
  expect(remove).toHaveBeenCalledOnce();
});

test("with nothing kept and no network, there is no page", async () => {
  await caches.delete(cacheOf(RELEASE));
  serviceAnswers(async () => {
    throw new TypeError("no network");
  });
  await expect(visit()).rejects.toThrow("no network");
});
