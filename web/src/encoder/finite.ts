/**
 * Whether all numbers that a graph holds are finite: a scale that is not would spoil the texts with its piece alone,
 * which warming up does not show.
 *
 * So the weights are read off the file, a message of onnx.proto, whose field numbers these are (the service's
 * `encoder/finite.py`).
 */

import { MODEL } from "../artifact/files.ts";
import { joined } from "../bytes.ts";
import { ArtifactError } from "../errors.ts";
import { type Field, fieldsOf, lowBits, numberOf, WireError } from "./wire.ts";

type Kind = "model" | "graph" | "function" | "node" | "attribute" | "sparse" | "tensor";

/** Of each kind of message, the fields in which tensors may lie. */
const WITHIN: Readonly<Record<Exclude<Kind, "tensor">, Readonly<Record<number, Kind>>>> = {
  model: { 7: "graph", 25: "function" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  function: { 7: "node" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse" },
  sparse: { 1: "tensor" },
};
const NODE_OUTPUT = 2;
const [TYPE, FLOATS, INTS, NAME, RAW, DOUBLES, LOCATION] = [2, 4, 5, 8, 9, 10, 14] as const;
const PARTS = [FLOATS, INTS, RAW, DOUBLES] as const;
const EXTERNAL = 1;
const DEEPEST = 100; // messages in one another; libraries of protocol buffers take no more either
const LONGEST_NAME = 100;

/** How floats lie in a file: their size in bytes, and the bits of the exponent among the sixteen highest. */
interface Floats {
  readonly size: number;
  readonly exponent: number;
}

const FLOAT16: Floats = { size: 2, exponent: 0x7c00 };
const BFLOAT16: Floats = { size: 2, exponent: 0x7f80 };
const FLOAT32: Floats = { size: 4, exponent: 0x7f80 };
const FLOAT64: Floats = { size: 8, exponent: 0x7ff0 };
// By a tensor's type: what its raw bytes hold, and what its list of integers does. A complex number is two floats.
const OF_RAW: Readonly<Record<number, Floats>> = {
  1: FLOAT32,
  10: FLOAT16,
  11: FLOAT64,
  14: FLOAT32,
  15: FLOAT64,
  16: BFLOAT16,
};
const OF_INTS: Readonly<Record<number, Floats>> = { 10: FLOAT16, 16: BFLOAT16 };

interface Message {
  readonly kind: Kind;
  readonly bytes: Uint8Array;
  /** Of a tensor without one of its own: what the node gives whose constant it is. */
  readonly name: string;
  readonly depth: number;
}

/**
 * Refuse a graph with numbers that are not finite, or with numbers in another file, where no checksum is theirs.
 *
 * @throws {ArtifactError} It has some; or it is no graph.
 */
export function checkFinite(model: Uint8Array): void {
  try {
    for (const { bytes, name } of tensorsOf(model)) {
      checkTensor([...fieldsOf(bytes)], name);
    }
  } catch (error) {
    if (error instanceof WireError) {
      throw new ArtifactError(`${MODEL} is not valid: its bytes are not those of an ONNX graph`, { cause: error });
    }
    throw error;
  }
}

/** All tensors of a model, weights and constants. */
function* tensorsOf(model: Uint8Array): Generator<Message> {
  const waiting: Message[] = [{ kind: "model", bytes: model, name: "", depth: 1 }];
  for (let message = waiting.pop(); message; message = waiting.pop()) {
    const { kind, bytes, depth } = message;
    if (depth > DEEPEST) {
      throw new WireError("messages lie too deep in one another");
    }
    if (kind === "tensor") {
      yield message;
      continue;
    }
    const parts = [...fieldsOf(bytes)];
    const output = kind === "node" ? parts.find(({ number }) => number === NODE_OUTPUT) : undefined;
    const name = output ? textOf(output.value) : message.name;
    for (const { number, value } of parts) {
      const within = WITHIN[kind][number];
      if (within !== undefined) {
        waiting.push({ kind: within, bytes: value, name, depth: depth + 1 });
      }
    }
  }
}

function checkTensor(parts: readonly Field[], ofNode: string): void {
  const all = (wanted: number) => parts.filter(({ number }) => number === wanted).map(({ value }) => value);
  const name = textOf(all(NAME).at(-1) ?? new Uint8Array()) || ofNode;
  const [type, location] = [TYPE, LOCATION].map((wanted) => all(wanted).map(numberOf).at(-1));
  if (location === EXTERNAL) {
    throw new ArtifactError(`${MODEL} is not valid: the numbers of '${name}' lie in another file`);
  }
  const floats = { [FLOATS]: FLOAT32, [INTS]: OF_INTS[type!], [RAW]: OF_RAW[type!], [DOUBLES]: FLOAT64 };
  for (const part of PARTS) {
    const data = joined(all(part));
    const lie = floats[part];
    if (lie && !areFinite(part === INTS ? lowBits(data) : data, lie)) {
      throw new ArtifactError(`${MODEL} is not valid: '${name}' has numbers that are not finite`);
    }
  }
}

function areFinite(data: Uint8Array, { size, exponent }: Floats): boolean {
  if (data.length % size !== 0) {
    throw new WireError("the bytes are no whole number of floats");
  }
  for (let end = size; end <= data.length; end += size) {
    if ((((data[end - 1]! << 8) | data[end - 2]!) & exponent) === exponent) {
      return false;
    }
  }
  return true;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, LONGEST_NAME));
}
