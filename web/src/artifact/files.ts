/** An artifact's files by their paths in its folder, `onnx/model_int8.onnx` for instance. */
export type Files = ReadonlyMap<string, Uint8Array>;

export const MANIFEST = "manifest.json";
export const MODEL = "onnx/model_int8.onnx";
export const VOCABULARY = "vocab.txt";
export const RANKER = "ranker.json";
export const DEVICE_FILES = [MODEL, VOCABULARY, RANKER] as const;
export const ENCODER_FILES = [MODEL, VOCABULARY] as const;

/**
 * The text of a file.
 *
 * @throws {TypeError} It is not UTF-8.
 */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
