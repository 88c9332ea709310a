import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keep } from "../../src/offline/keeping.ts";
import { cacheOf, deletePages, type Release } from "../../src/offline/release.ts";
import { type MadeCacheStorage, stubCaches } from "./cache-storage.ts";

const PAGE = "<!doctype html>";
const RELEASE: Release = {
  version: "v2",
  pageSha256: createHash("sha256").update(PAGE).digest("hex"),
  files: ["/playground/index-AAAAAAAA.js", "/playground/index-AAAAAAAA.css"],
};

let made: MadeCacheStorage;

beforeEach(() => {
  made = stubCaches();
});

afterEach(() => vi.unstubAllGlobals());

function serves(page: Response, file = () => new Response("")): void {
  vi.stubGlobal("fetch", async (path: string) => (path === "/" ? page : file()));
}

test("the page and its files are kept", async () => {
  serves(new Response(PAGE));
  await keep(RELEASE);
  expect(made.pathsOf(cacheOf(RELEASE)).sort()).toEqual(["/", ...RELEASE.files].sort());
  expect(await (await caches.match("/", { cacheName: cacheOf(RELEASE) }))?.text()).toBe(PAGE);
});

test.each<[string, Response, () => Response]>([
  ["the page is of another build", new Response("<!doctype html> "), () => new Response("")],
  ["the page is not there", new Response(PAGE, { status: 404 }), () => new Response("")],
  ["a file is not there", new Response(PAGE), () => new Response("", { status: 404 })],
])("nothing is kept where %s", async (_, page, file) => {
  const before: Release = { ...RELEASE, version: "v1" };
  await caches.open(cacheOf(before));
  serves(page, file);
  await expect(keep(RELEASE)).rejects.toThrow();
  expect(await caches.keys()).toEqual([cacheOf(before)]);
});

test("the pages of other builds are deleted, or all, and nothing else", async () => {
  for (const name of [cacheOf(RELEASE), cacheOf({ ...RELEASE, version: "v1" }), "edge-rank-items", "another-app"]) {
    await caches.open(name);
  }
  await deletePages(RELEASE);
  expect(await caches.keys()).toEqual([cacheOf(RELEASE), "edge-rank-items", "another-app"]);
  await deletePages();
  expect(await caches.keys()).toEqual(["edge-rank-items", "another-app"]);
});
