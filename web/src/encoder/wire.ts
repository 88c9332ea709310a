/** Protocol buffers as they lie in a file, without a schema (the service's `encoder/wire.py`). */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const SIZES: Readonly<Record<number, number>> = { [FIXED64]: 8, [FIXED32]: 4 };
const MOST_VARINT_BYTES = 10;
const MORE = 0x80; // the bit of a varint's byte that says that another one follows

/** The bytes are no message. */
export class WireError extends Error {}

/** A field of a message; of a field of bytes without their length, of a number for `numberOf`. */
export interface Field {
  readonly number: number;
  readonly value: Uint8Array;
}

/**
 * The fields of a message in their order, without a copy.
 *
 * @throws {WireError} The bytes are no message, or end in the middle of a field.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let place = 0;
  while (place < message.length) {
    const tag = varint(message, place);
    const kind = tag.value % 8;
    let end: number;
    place = tag.end;
    if (kind === VARINT) {
      end = varint(message, place).end;
    } else if (kind === BYTES) {
      const size = varint(message, place);
      place = size.end;
      end = place + size.value;
    } else {
      end = place + (SIZES[kind] ?? Number.NaN);
    }
    if (!(end <= message.length)) {
      throw new WireError("a field is of an unknown type, or ends after its message");
    }
    yield { number: Math.floor(tag.value / 8), value: message.subarray(place, end) };
    place = end;
  }
}

/** The number of a field of one. */
export function numberOf(value: Uint8Array): number {
  return varint(value, 0).value;
}

/**
 * The 16 low bits of each number of a list of varints, one behind the other, as bytes.
 *
 * @throws {WireError} The last one has no end.
 */
export function lowBits(varints: Uint8Array): Uint8Array {
  const low: number[] = [];
  for (let place = 0; place < varints.length; ) {
    let bits = 0;
    let byte = MORE;
    for (let count = 0; byte >= MORE; count++) {
      if (place >= varints.length) {
        throw new WireError("a number ends after its list");
      }
      byte = varints[place++]!;
      bits |= count < 3 ? (byte & ~MORE) << (7 * count) : 0;
    }
    low.push(bits & 0xff, (bits >> 8) & 0xff);
  }
  return Uint8Array.from(low);
}

/** The number at a place, and the place behind it. */
function varint(message: Uint8Array, place: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let count = 0; count < MOST_VARINT_BYTES && place + count < message.length; count++) {
    const byte = message[place + count]!;
    value += (byte & ~MORE) * 2 ** (7 * count);
    if (byte < MORE) {
      return { value, end: place + count + 1 };
    }
  }
  throw new WireError("a number has no end");
}
