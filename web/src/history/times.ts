/** When events happened, though the clock may have been set in between. */

/**
 * Times that never decrease and are not to come, of times as a clock told them, in the order in which things happened.
 * The clock is taken to be right now: a time to come is that of the next event, or now; one before an earlier event's
 * is the earlier event's.
 *
 * @param told Milliseconds since 1970, the earliest event first.
 * @param now Milliseconds since 1970.
 */
export function timesOf(told: readonly number[], now: number): number[] {
  let earlier = 0;
  const times = told.map((time) => {
    earlier = time <= now ? Math.max(earlier, time) : earlier;
    return time <= now ? earlier : Number.NaN;
  });
  let later = now;
  for (let at = times.length - 1; at >= 0; at--) {
    later = times[at] = Number.isNaN(times[at]) ? later : times[at]!;
  }
  return times;
}
