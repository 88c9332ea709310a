import { afterAll, beforeAll, expect, test } from "vitest";
import type { Recommender } from "../../src/index.ts";
import { type RankRequest, type RankResponse, RequestError } from "../../src/index.ts";
import { bundledRecommender, demoCatalogue } from "../bundled.ts";
import { expectedLines } from "./expectations.ts";

const TOLERANCE = 1e-3;
const LEAST_COSINE = 0.999;

let recommender: Recommender;

beforeAll(async () => {
  recommender = await bundledRecommender({ catalogue: await demoCatalogue() });
});

afterAll(() => recommender.release());

test("500 texts have the service's vectors", async () => {
  const lines = await expectedLines<{ text: string; vector: number[] }>("vectors.jsonl");
  const vectors = await recommender.embed(lines.map(({ text }) => text));
  const cosines = lines.map(({ vector }, at) => vector.reduce((sum, value, i) => sum + value * vectors[at]![i]!, 0));
  const least = Math.min(...cosines);
  console.info(`least cosine of ${cosines.length} vectors: ${least}`);
  expect(cosines).toHaveLength(500);
  expect(least).toBeGreaterThan(LEAST_COSINE);
});

test("200 requests have the service's answers", async () => {
  const lines = await expectedLines<{ request: RankRequest; answer: RankResponse }>("ranking.jsonl");
  let most = 0;
  let results = 0;
  for (const { request, answer } of lines) {
    const { timing_ms: ours, ...rest } = await recommender.rank(request);
    const { timing_ms: theirs, ...wanted } = answer;
    expect(shapeOf(rest), request.request_id!).toEqual(shapeOf(wanted));
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    const numbers = numbersOf(rest);
    for (const [at, number] of numbersOf(wanted).entries()) {
      most = Math.max(most, Math.abs(number - numbers[at]!));
    }
    results += wanted.results.length;
  }
  console.info(`${lines.length} requests, ${results} results: greatest difference of a number ${most}`);
  expect(lines).toHaveLength(200);
  expect(most).toBeLessThan(TOLERANCE);
});

test("what the service refuses is refused with the same code, for the same fields", async () => {
  const lines = await expectedLines<{ request: RankRequest; error: { code: string; fields: string[] } }>(
    "refused.jsonl",
  );
  for (const { request, error } of lines) {
    const refusal = await recommender.rank(request).then(() => null, asRefusal);
    expect(refusal, JSON.stringify(request).slice(0, 200)).toEqual(error);
  }
});

function asRefusal(error: unknown): { code: string; fields: string[] } {
  if (!(error instanceof RequestError)) {
    throw error;
  }
  return { code: error.code, fields: [...new Set(error.details.map(({ field }) => field))].sort() };
}

type Answer = Omit<RankResponse, "timing_ms">;

/** An answer without its scores and what they are made of; which signals are known stays. */
function shapeOf({ results, ...rest }: Answer): unknown {
  return {
    ...rest,
    results: results.map(({ score: _, explanation = {}, ...result }) => ({
      ...result,
      known: Object.entries(explanation).map(([name, { weight, value }]) => [name, weight, value !== undefined]),
    })),
  };
}

/** Scores, values of signals, and their contributions, in the order of the results. */
function numbersOf({ results }: Answer): number[] {
  return results.flatMap(({ score, explanation = {} }) => [
    score,
    ...Object.values(explanation).flatMap(({ value = 0, contribution }) => [value, contribution]),
  ]);
}
