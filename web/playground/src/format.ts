/** Numbers as a person reads them. */

/** Milliseconds, to two significant digits below 10 and whole above. */
export function milliseconds(ms: number): string {
  if (ms >= 9.95) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 0.995 ? 1 : 2)} ms`;
}

/** Bytes in decimal units, as downloads are told. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 99_950) return `${(count / 1000).toFixed(1)} KB`;
  if (count < 999_500) return `${Math.round(count / 1000)} KB`;
  return `${(count / 1_000_000).toFixed(2)} MB`;
}

/** A score or a part of one, with a true minus sign. */
export function signed(value: number): string {
  const digits = Math.abs(value).toFixed(3);
  return value < 0 && Number(digits) > 0 ? `−${digits}` : digits;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
