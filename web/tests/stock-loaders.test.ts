import { fileURLToPath } from "node:url";
import { AutoModel, AutoTokenizer, env, type Tensor } from "@huggingface/transformers";
import { beforeAll, expect, test } from "vitest";
import { bundledRecommender } from "./bundled.ts";

const TEXTS = ["split a dinner bill", "share the restaurant check", "book a train"];
const LOCAL = { dtype: "int8", local_files_only: true } as const;

beforeAll(() => {
  env.localModelPath = fileURLToPath(new URL("../../service/assets/", import.meta.url));
  env.allowRemoteModels = false;
});

test("transformers.js loads the artifact from its folder, and gives the vectors that we give", async () => {
  const tokenizer = await AutoTokenizer.from_pretrained("model", LOCAL);
  const model = await AutoModel.from_pretrained("model", LOCAL);
  const { embedding } = (await model(tokenizer(TEXTS, { padding: true, truncation: true }))) as { embedding: Tensor };
  const recommender = await bundledRecommender();
  const vectors = await recommender.embed(TEXTS);
  expect(embedding.dims).toEqual([TEXTS.length, 288]);
  for (const [at, vector] of (embedding.tolist() as number[][]).entries()) {
    expect(vector.reduce((sum, value, i) => sum + value * vectors[at]![i]!, 0)).toBeCloseTo(1, 5);
  }
  await Promise.all([recommender.release(), model.dispose()]);
});
