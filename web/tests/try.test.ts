import { expect, test } from "vitest";
import { bundledRecommender, demoCatalogue } from "./bundled.ts";
test("try", async () => {
  const t = performance.now();
  const catalogue = await demoCatalogue();
  const r = await bundledRecommender({ catalogue });
  console.log("created", performance.now() - t, catalogue.length);
  const request = { query: "split a dinner bill", candidates: catalogue.slice(0, 100).map(({ id }) => ({ id })), options: { top_n: 3, explain: true } };
  const a = await r.rank(request);
  console.log(JSON.stringify(a, null, 1).slice(0, 3000));
  console.log((await r.rank(request)).timing_ms, (await r.rank({...request, query:"taxi"})).timing_ms);
  expect(a.results[0]!.id).toBe("bill-split");
});
