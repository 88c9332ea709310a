import { afterAll, beforeAll, expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import {
  type RankRequest,
  type RankResponse,
  type RankResult,
  type Recommender,
  RequestError,
} from "../../src/index.ts";
import { bundledRecommender, demoCatalogue } from "../bundled.ts";
import { expectedLines } from "./expectations.ts";

const TOLERANCE = 1e-3;
const LEAST_COSINE = 0.99999;
const LEAST_COSINE_IN_EIGHT_BITS = 0.999;
/** Of results, and of requests that ask for diversity, so many may be in another order. */
const MOST_ODD = 0.01;

let recommender: Recommender;

beforeAll(async () => {
  recommender = await bundledRecommender({ catalogue: await demoCatalogue() });
});

afterAll(() => recommender.release());

test("500 texts have the service's vectors, and so have their windows", async () => {
  const lines = await expectedLines<{ text: string; vector: number[]; windows: number[][] }>("vectors.jsonl");
  const core = await Core.load(recommender.artifact);
  const encoded = core.encode(lines.map(({ text }) => text));
  const ofVectors = lines.map(({ vector }, at) => cosine(vector, encoded[at]!.vector));
  const ofWindows = lines.flatMap(({ windows }, at) => {
    const ours = windowsOf(encoded[at]!.features, core.dimension);
    expect(ours).toHaveLength(windows.length);
    return windows.map((one, window) => cosine(one, ours[window]!));
  });
  console.info(
    `least cosine of ${ofVectors.length} vectors: ${Math.min(...ofVectors)}; ` +
      `of ${ofWindows.length} windows in eight bits: ${Math.min(...ofWindows)}`,
  );
  expect(lines).toHaveLength(500);
  expect(Math.min(...ofVectors)).toBeGreaterThan(LEAST_COSINE);
  expect(Math.min(...ofWindows)).toBeGreaterThan(LEAST_COSINE_IN_EIGHT_BITS);
});

test("400 requests have the service's answers", async () => {
  const lines = await expectedLines<{ request: RankRequest; answer: RankResponse }>("ranking.jsonl");
  let most = 0;
  let results = 0;
  let swapped = 0;
  let forked = 0;
  const statuses: Record<string, number> = { ok: 0, missing: 0, unreadable: 0 };
  for (const { request, answer } of lines) {
    const { timing_ms: ours, ...told } = await recommender.rank(request);
    const { timing_ms: theirs, ...wanted } = answer;
    const diverse = (request.options?.diversity ?? 0) > 0;
    const rest = { ...told, results: inOrderOf(wanted.results, told.results, diverse) };
    const moved = told.results.filter((one, at) => one !== rest.results[at]).length;
    swapped += diverse ? 0 : moved;
    forked += diverse && moved > 0 ? 1 : 0;
    expect(shapeOf(rest), request.request_id!).toEqual(shapeOf(wanted));
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    const numbers = numbersOf(rest);
    for (const [at, number] of numbersOf(wanted).entries()) {
      most = Math.max(most, Math.abs(number - numbers[at]!));
    }
    results += wanted.results.length;
    for (const { status } of wanted.results) {
      statuses[status]!++;
    }
  }
  const byStatus = JSON.stringify(statuses);
  console.info(
    `${lines.length} requests, ${results} results ${byStatus}: greatest difference of a number ${most}, ` +
      `${swapped} results in another place, as their scores are nearly the same, ${forked} requests with another choice`,
  );
  expect(lines).toHaveLength(400);
  expect(Object.values(statuses).every((count) => count > 0)).toBe(true);
  expect(most).toBeLessThan(TOLERANCE);
  expect(swapped).toBeLessThan(results * MOST_ODD);
  expect(forked).toBeLessThan(lines.length * MOST_ODD);
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

/**
 * Our results in the order of the service's, where both have reason for theirs. ONNX Runtime's vectors differ in their last
 * bits from processor to processor, and so may the order of two scores that are nearly the same: such exchange their ranks.
 * With diversity, all that follows such a choice follows from it: there any order will do.
 */
function inOrderOf(theirs: readonly RankResult[], ours: readonly RankResult[], diverse: boolean): RankResult[] {
  const places = new Map(theirs.map(({ id, score }, at) => [id, { at, score }]));
  return ours
    .map((one, at) => {
      const there = places.get(one.id);
      const isNear = there !== undefined && Math.abs(there.score - (theirs[at]?.score ?? Number.NaN)) < TOLERANCE;
      return there !== undefined && there.at !== at && (isNear || diverse) ? { ...one, rank: there.at + 1 } : one;
    })
    .sort((one, other) => one.rank - other.rank);
}

/** The windows' vectors that features hold, of unit length. */
function windowsOf(features: Uint8Array, dimension: number): Float32Array[] {
  return Array.from({ length: features[0]! }, (_, window) => {
    const codes = new Int8Array(features.slice(4 + window * dimension, 4 + (window + 1) * dimension).buffer);
    return Float32Array.from(codes, (code) => code / Math.hypot(...codes));
  });
}

function cosine(one: readonly number[], other: Float32Array): number {
  return one.reduce((sum, value, at) => sum + value * other[at]!, 0);
}

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
