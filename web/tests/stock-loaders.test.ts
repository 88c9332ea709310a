import { fileURLToPath } from "node:url";
import { AutoModel, AutoTokenizer, env, type Tensor } from "@huggingface/transformers";
import { beforeAll, expect, test } from "vitest";
import { Artifact } from "../src/artifact/artifact.ts";
import { Core } from "../src/core/core.ts";
import { bundledFiles, bundledRecommender } from "./bundled.ts";

const TEXTS = ["split a dinner bill", "share the restaurant check", "book a train"];
// Without entities, and without words said again, which only the library minds.
const SPELT = [
  "Bill™ for ②kg, ½ price®",
  "£20 or 5€, at 20°C ± 5%",
  "Ｆｕｌｌ width ﬁts 5² ㎏",
  "emoji👍🏽glued☕️to words",
  "T-shirt, wi-fi & C++ / C#",
  "a\u0000b\u200bc\vd\u0085e",
  "Crème brûlée 夕食",
];
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

test("its tokenizer splits as we do", async () => {
  const stock = await AutoTokenizer.from_pretrained("model", LOCAL);
  const core = await Core.load(await Artifact.open(await bundledFiles()));
  for (const text of [...TEXTS, ...SPELT]) {
    expect([...core.split(text)], text).toEqual(stock.encode(text));
  }
});
