import { signed } from "../format.ts";
import type { Part } from "../signals.ts";

interface Props {
  id: string;
  parts: readonly Part[];
  score: number;
}

/** A score taken apart: each signal's value, its weight, and what both come to. */
export function Explanation({ id, parts, score }: Props) {
  if (parts.length === 0) return <p id={id}>No signal tells it from the others: it keeps its place.</p>;
  return (
    <table id={id} class="explanation">
      <caption class="visually-hidden">What adds up to the score</caption>
      <thead>
        <tr>
          <th scope="col">Signal</th>
          <th scope="col">Value</th>
          <th scope="col">Weight</th>
          <th scope="col">Adds</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ signal, name, group, value, weight, contribution }) => (
          <tr key={signal}>
            <th scope="row" class={`of-${group}`}>
              {name}
            </th>
            <td>{value === undefined ? "unknown" : signed(value)}</td>
            <td>{signed(weight)}</td>
            <td>{signed(contribution)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            Score
          </th>
          <td>{signed(score)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
