import { expect, test } from "vitest";
import { originOf, shortRevision } from "../src/model.ts";

test("a revision is shortened as the service does", () => {
  expect(shortRevision("24f0089c039410ac53dbd6b155223afc8a0aa5593658ab0b68b4a9d9dfd297ad")).toBe("24f0089c0394");
});

test("where a model came from is told with what it took", () => {
  expect(originOf({ by: "kept", bytes: 0 })).toBe("Kept here");
  expect(originOf({ by: "files", bytes: 1_906_351 })).toBe("Files, 1.91 MB");
  expect(originOf({ by: "delta", bytes: 1129 })).toBe("A delta of 1.1 KB");
});
