/** Arithmetic as NumPy does it. */

/** The nearest whole number; of two, the even one. */
export function rint(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) {
    return Math.round(value);
  }
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The dot product of two float32 vectors, as a float32. */
export function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) {
    sum += one[at]! * other[at]!;
  }
  return Math.fround(sum);
}

/** The direction of the mean of float32 unit vectors; of two that are opposite there is none: then that of the first. */
export function meanDirection(vectors: readonly Float32Array[]): Float32Array {
  const first = vectors[0]!;
  if (vectors.length === 1) {
    return first;
  }
  const total = new Float32Array(first.length);
  for (const vector of vectors) {
    for (const [at, number] of vector.entries()) {
      total[at]! += number;
    }
  }
  const length = Math.fround(Math.sqrt(dot(total, total)));
  return length > 0 ? total.map((number) => number / length) : first;
}
