/**
 * Group texts by length, so that those that share a run need little padding and no run exceeds the budget.
 *
 * @param lengths Tokens of each text.
 * @param tokenBudget Most tokens of a run, counted as texts times the longest of them.
 * @returns Places in `lengths`, longest texts first. A text that is over the budget by itself gets a run of its own.
 */
export function planBatches(lengths: readonly number[], tokenBudget: number): number[][] {
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const place of [...lengths.keys()].sort((one, other) => lengths[other]! - lengths[one]! || one - other)) {
    // Longest first: the first text of a batch decides what every further one costs.
    if (batch.length > 0 && (batch.length + 1) * lengths[batch[0]!]! > tokenBudget) {
      batches.push(batch);
      batch = [];
    }
    batch.push(place);
  }
  if (batch.length > 0) {
    batches.push(batch);
  }
  return batches;
}
