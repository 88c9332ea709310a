import { expect, test } from "vitest";
import { checkFinite } from "../../src/encoder/finite.ts";
import { bundledFiles } from "../bundled.ts";

type Bytes = readonly number[];

const NAME = field(8, [...Buffer.from("scales")]);

/** A field of bytes. */
function field(number: number, content: Bytes): Bytes {
  return [...varint((number << 3) | 2), ...varint(content.length), ...content];
}

/** A field of a number. */
function counted(number: number, value: number): Bytes {
  return [...varint(number << 3), ...varint(value)];
}

function varint(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
}

/** A model whose graph holds a tensor of a type, named as most of them are. */
function modelOf(type: number, ...parts: readonly Bytes[]): Uint8Array {
  return Uint8Array.from(field(7, field(5, [...counted(2, type), ...NAME, ...parts.flat()])));
}

function raw(numbers: Float32Array | Float64Array | Uint16Array): Bytes {
  return [...new Uint8Array(numbers.buffer)];
}

const FORMS: readonly [form: string, model: (number: number) => Uint8Array][] = [
  ["float32", (number) => modelOf(1, field(9, raw(Float32Array.of(1.5, -3e38, number))))],
  ["float64", (number) => modelOf(11, field(9, raw(Float64Array.of(1e-300, number))))],
  ["float16", (number) => modelOf(10, field(9, raw(Uint16Array.of(0x3c00, upper(number, 0x7bff, 0x7c00)))))],
  ["bfloat16", (number) => modelOf(16, field(9, raw(Uint16Array.of(0x3f80, upper(number, 0x7f7f, 0xff80)))))],
  ["list of float32", (number) => modelOf(1, field(4, raw(Float32Array.of(1, number))))],
  ["list of float64", (number) => modelOf(11, field(10, raw(Float64Array.of(1, number))))],
  ["list of float16", (number) => modelOf(10, field(5, varint(upper(number, 0x7bff, 0x7e00))))],
];

function upper(number: number, finite: number, other: number): number {
  return Number.isFinite(number) ? finite : other;
}

test.each(FORMS)("numbers that are not finite are refused: %s", (_, model) => {
  expect(() => checkFinite(model(2))).not.toThrow();
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => checkFinite(model(number))).toThrow("'scales' has numbers that are not finite");
  }
});

test("what is no float is passed over", () => {
  expect(() =>
    checkFinite(modelOf(6, field(5, varint(0x7f80)), field(9, raw(Float32Array.of(Number.NaN))))),
  ).not.toThrow();
});

test("constants are read wherever they lie, and named after what their nodes give", () => {
  const tensor = [...counted(2, 1), ...field(4, raw(Float32Array.of(Number.NaN)))];
  const node = [...field(2, [...Buffer.from("epsilon")]), ...field(5, field(5, tensor))];
  const branch = field(1, field(5, field(6, field(1, node))));
  for (const graph of [field(1, node), branch]) {
    expect(() => checkFinite(Uint8Array.from(field(7, graph)))).toThrow("'epsilon' has numbers that are not finite");
  }
  expect(() => checkFinite(Uint8Array.from(field(25, field(7, node))))).toThrow("'epsilon'");
});

test("numbers in another file, or that are torn, or too deep, are refused", () => {
  expect(() => checkFinite(modelOf(1, counted(14, 1)))).toThrow("the numbers of 'scales' lie in another file");
  const noGraph = "onnx/model_int8.onnx is not valid: its bytes are not those of an ONNX graph";
  expect(() => checkFinite(modelOf(1, field(9, [1, 2, 3])))).toThrow(noGraph);
  expect(() => checkFinite(Uint8Array.of(0x3a, 5))).toThrow(noGraph);
  let inner: Bytes = [];
  for (let depth = 0; depth < 200; depth++) {
    inner = field(1, field(5, field(6, inner)));
  }
  expect(() => checkFinite(Uint8Array.from(field(7, inner)))).toThrow(noGraph);
});

test("the numbers of the bundled model are finite", async () => {
  const graph = (await bundledFiles()).get("onnx/model_int8.onnx")!;
  expect(() => checkFinite(graph)).not.toThrow();
});
