import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { instantiate } from "../../src/core/module.ts";

const WASM = readFileSync(new URL("../../src/core/edge-rank.wasm", import.meta.url));

afterEach(() => vi.unstubAllGlobals());

function serve(...answers: (() => Response)[]) {
  const fetch = vi.fn(async () => answers.shift()!());
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

test("it is fetched once, and each instance has memory of its own", async () => {
  const fetch = serve(() => new Response(WASM));
  const [one, other] = await Promise.all([instantiate("http://here/once/"), instantiate("http://here/once/")]);
  const third = await instantiate({ wasm: new URL("http://here/once/edge-rank.wasm") });
  expect(fetch).toHaveBeenCalledOnce();
  expect(new Set([one.memory, other.memory, third.memory]).size).toBe(3);
});

test("what failed is fetched again", async () => {
  const fetch = serve(
    () => new Response("", { status: 503 }),
    () => new Response("<!doctype html>"),
    () => new Response(WASM),
  );
  for (const _ of [1, 2]) {
    await expect(instantiate("http://here/again/")).rejects.toMatchObject({ code: "runtime_unavailable" });
  }
  await instantiate("http://here/again/");
  expect(fetch).toHaveBeenCalledTimes(3);
});
