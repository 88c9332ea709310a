import { afterEach, expect, test, vi } from "vitest";
import type { RankRequest } from "../src/api.ts";
import { ServerError, server } from "../src/server.ts";

const REQUEST: RankRequest = { query: "é", candidates: [], options: {} };

afterEach(() => vi.unstubAllGlobals());

function answering(...answers: (Response | Error)[]) {
  const asked = vi.fn(async (_url: string, _init: RequestInit) => {
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer;
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

test("the catalogue is fetched to its end", async () => {
  const item = (id: string) => ({ id, title: id, text: id });
  const asked = answering(
    Response.json({ total: 3, offset: 0, items: [item("a"), item("b")] }),
    Response.json({ total: 3, offset: 2, items: [item("c")] }),
  );
  expect((await server("").catalogue()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(asked.mock.calls.map(([url]) => url)).toEqual(["/v1/catalogue?offset=0", "/v1/catalogue?offset=2"]);
});

test("a catalogue that shrinks meanwhile ends where it ends", async () => {
  answering(Response.json({ total: 3, offset: 0, items: [] }));
  expect(await server("").catalogue()).toEqual([]);
});

test("a key goes along, and bytes are counted as they are sent", async () => {
  const asked = answering(Response.json({ results: [] }));
  const sent = vi.fn();
  await server("good", sent).rank(REQUEST, new AbortController().signal);
  expect(asked.mock.calls[0]?.[1].headers).toMatchObject({ Authorization: "Bearer good" });
  expect(sent).toHaveBeenCalledWith(new TextEncoder().encode(JSON.stringify(REQUEST)).length);
});

test("an error says what the service says, and whether a key would help", async () => {
  answering(
    Response.json({ error: { message: "send an API key" } }, { status: 401 }),
    new Response("<p>", { status: 502 }),
  );
  await expect(server("").catalogue()).rejects.toMatchObject({ message: "send an API key", needsKey: true });
  await expect(server("").catalogue()).rejects.toMatchObject({ message: "The server answered 502.", needsKey: false });
});

test("a server that is not there is told; a question that was called back is no failure of the server", async () => {
  answering(new TypeError("failed to fetch"), new DOMException("aborted", "AbortError"));
  await expect(server("").catalogue()).rejects.toThrow(ServerError);
  await expect(server("").catalogue()).rejects.not.toThrow(ServerError);
});
