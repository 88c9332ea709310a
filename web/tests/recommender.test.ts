import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { Artifact, HistoryStore, MemoryHistoryStorage, type RankRequest, Recommender } from "../src/index.ts";
import { bundledFiles, bundledRecommender } from "./bundled.ts";
import { artifactWith, otherRanker } from "./made.ts";

const TAXI = { id: "taxi", text: "Taxi. Call a car to where you are." };
const SPLIT = { id: "split", text: "Split bill. Share a restaurant bill among friends." };

let recommender: Recommender;

beforeAll(async () => {
  const catalogue = [{ id: "known", title: "Coffee", description: "A cup to take away.", category: "food" }];
  recommender = await bundledRecommender({ catalogue });
});

afterAll(() => recommender.release());

function idsOf({ results }: Awaited<ReturnType<Recommender["rank"]>>): string[] {
  return results.map(({ id }) => id);
}

test("the right item is first", async () => {
  const answer = await recommender.rank({ query: "split a dinner bill", candidates: [TAXI, SPLIT] });
  expect(idsOf(answer)).toEqual(["split", "taxi"]);
  expect(answer.model).toBe(recommender.artifact.label);
  expect(answer.ranker).toBe("fused");
  expect(answer.request_id).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.degraded).toEqual([]);
});

test("an item is known by its id after it was indexed or in the catalogue, not after it was ranked", async () => {
  await recommender.index([{ id: "indexed", text: "Cinema tickets" }]);
  await recommender.rank({ candidates: [{ id: "ranked", text: "Train tickets" }] });
  const candidates = ["known", "indexed", "ranked", "nobody"].map((id) => ({ id }));
  const answer = await recommender.rank({ query: "tickets", candidates });
  expect(answer.usage).toMatchObject({ cached_items: 2, missing_items: 2 });
  expect(answer.results.filter(({ status }) => status === "missing").map(({ id }) => id)).toEqual(["ranked", "nobody"]);
});

test("a text is embedded once, and has the category that the request gives; the item stays as it was", async () => {
  const changed = [{ id: "known", text: "Tea to take away" }];
  expect((await recommender.rank({ candidates: changed })).usage).toMatchObject({ encoded_texts: 1, cached_items: 0 });
  expect((await recommender.rank({ candidates: changed })).usage).toMatchObject({ encoded_texts: 0, cached_items: 1 });
  const food = { id: "b", category: "food" };
  const options = { max_per_category: 1 };
  const idsWith = async (known: RankRequest["candidates"][number]) =>
    idsOf(await recommender.rank({ candidates: [known, food], options }));
  expect(await idsWith(changed[0]!)).toHaveLength(2);
  expect(await idsWith({ ...changed[0]!, category: "food" })).toHaveLength(1);
  expect(await idsWith({ id: "known" })).toHaveLength(1);
});

test("of a long history the fifty latest liked and the fifty latest skipped are read", async () => {
  const said = (action: "view" | "skip") =>
    Array.from({ length: 52 }, (_, at) => ({ action, text: `${action} of the ${at}th lamp` }));
  const { usage } = await recommender.rank({
    user: { history: [...said("view"), ...said("skip")] },
    candidates: [{ id: "known" }],
  });
  expect(usage).toMatchObject({ encoded_texts: 100, known_events: 100 });
});

test("a history that is kept on the device is that of requests that say none", async () => {
  const history = new HistoryStore({ storage: new MemoryHistoryStorage() });
  const remembering = await Recommender.create(recommender.artifact, { history });
  onTestFinished(() => remembering.release());
  const asked: RankRequest = { candidates: [TAXI, SPLIT] };
  await history.record({ item_id: "bill", text: "Share a bill", action: "click" });
  expect((await remembering.rank(asked)).usage.known_events).toBe(0);
  await history.giveConsent();
  await history.record({ item_id: "bill", text: "Share a bill", action: "click" });
  const answer = await remembering.rank(asked);
  expect(answer.usage.known_events).toBe(1);
  expect(idsOf(answer)).toEqual(["split", "taxi"]);
  expect((await remembering.rank({ ...asked, user: { history: [] } })).usage.known_events).toBe(0);
});

test("requests at the same time do not mix", async () => {
  const asked = Array.from({ length: 5 }, (_, at): RankRequest => {
    return { request_id: `r${at}`, query: at % 2 ? "taxi" : "share a bill", candidates: [TAXI, SPLIT] };
  });
  const answers = await Promise.all(asked.map((request) => recommender.rank(request)));
  expect(answers.map(({ request_id }) => request_id)).toEqual(asked.map(({ request_id }) => request_id));
  expect(answers.map((answer) => idsOf(answer)[0])).toEqual(["split", "taxi", "split", "taxi", "split"]);
});

test("a deadline that passed leaves an order by the backend's scores, where all have one", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now++); // a look at it takes a millisecond
  onTestFinished(() => clock.mockRestore());
  const options = { deadline_ms: 3 };
  const scored = [
    { id: "taxi-2", text: "A taxi that nobody has read of", score: 1 },
    { id: "split-2", text: "A bill that nobody has read of", score: 2 },
  ];
  const answer = await recommender.rank({ query: "a taxi", candidates: scored, options });
  expect(answer.degraded).toEqual(["deadline"]);
  expect(answer.usage).toMatchObject({ encoded_texts: 0, missing_items: 2 });
  expect(idsOf(answer)).toEqual(["split-2", "taxi-2"]);
  const unscored = { query: "a taxi", candidates: [{ id: "taxi-3", text: "Another taxi" }], options };
  await expect(recommender.rank(unscored)).rejects.toMatchObject({ code: "deadline_exceeded" });
});

test("vectors are given as they are", async () => {
  const [one, same] = await recommender.embed(["taxi", "taxi"]);
  expect(one).toHaveLength(288);
  expect(one).toEqual(same);
});

test("what can't be read is told, and no query; events of unknown items do not count", async () => {
  await recommender.index([{ id: "signs", text: "🫠" }]);
  const history = [{ item_id: "nobody", action: "click" } as const, { item_id: "taxi", action: "click" } as const];
  const candidates = [{ id: "odd", text: "🫠🪿" }, TAXI, { id: "signs" }];
  const { results, usage } = await recommender.rank({ query: "🫠", user: { history }, candidates });
  expect(results.map(({ id, status }) => [id, status])).toEqual(
    expect.arrayContaining([
      ["taxi", "ok"],
      ["odd", "unreadable"],
      ["signs", "missing"],
    ]),
  );
  expect(usage).toMatchObject({ unreadable_texts: 2, missing_items: 2, known_events: 1 });
});

test("a recommender of the same encoder takes over what another remembers, one of another does not", async () => {
  const files = await artifactWith({ "ranker.json": await otherRanker("other") });
  const other = await Artifact.open(files);
  expect(other.revision).not.toBe(recommender.artifact.revision);
  const embeds = { candidates: [{ id: "known" }] };
  const successor = await Recommender.create(other, { predecessor: recommender });
  expect((await successor.rank(embeds)).usage).toMatchObject({ cached_items: 1, missing_items: 0 });
  const brief = await Recommender.create(other, { predecessor: recommender, mostWindows: 1 });
  expect((await brief.rank(embeds)).usage).toMatchObject({ cached_items: 0, missing_items: 1 });
  await Promise.all([successor.release(), brief.release()]);
});

test("a number of windows that is none is refused", async () => {
  const artifact = await Artifact.open(await bundledFiles());
  for (const mostWindows of [0, 65, 1.5]) {
    await expect(Recommender.create(artifact, { mostWindows })).rejects.toMatchObject({
      code: "invalid_request",
      details: [{ field: "mostWindows" }],
    });
  }
});
