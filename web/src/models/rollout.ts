import { digest } from "../artifact/sha256.ts";

/**
 * Whether a device is among those that get a candidate: so many percent of all devices, by the hash of their ids. The
 * device decides itself; its id goes nowhere.
 */
export async function takesPart(salt: string, percent: number, deviceId: string): Promise<boolean> {
  return (await pointOf(salt, deviceId)) * 100 < percent * 2 ** 32;
}

/** Where a device stands, from 0 to 2^32 - 1; another salt draws anew. */
export async function pointOf(salt: string, deviceId: string): Promise<number> {
  const hash = await digest(new TextEncoder().encode(`${salt}:${deviceId}`));
  return new DataView(hash.buffer).getUint32(0);
}
