import { expect, test } from "vitest";
import { fileUrl, folderOf } from "../src/http.ts";

test("a folder's URL ends in a slash, and its query goes with its files", () => {
  const folder = folderOf("https://example.com/model?token=1");
  expect(folder.href).toBe("https://example.com/model/?token=1");
  expect(fileUrl(folder, "onnx/a b.onnx").href).toBe("https://example.com/model/onnx/a%20b.onnx?token=1");
});

test.each(["../secret", "a/../b", "/etc/passwd", "a//b", "."])("%s leads out of the folder", (path) => {
  expect(() => fileUrl(folderOf("https://example.com/model"), path)).toThrow("leads out of the artifact");
});

test("a path with a scheme stays in the folder", () => {
  expect(fileUrl(folderOf("https://example.com/model"), "https:evil").href).toBe(
    "https://example.com/model/https%3Aevil",
  );
});
