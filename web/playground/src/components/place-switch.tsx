import type { Place } from "../use-ranking.ts";

const PLACES: readonly (readonly [Place, string])[] = [
  ["device", "On this device"],
  ["server", "On the server"],
];

/** Where the ranking happens: two radio buttons that look like one switch. */
export function PlaceSwitch({ place, onPlace }: { place: Place; onPlace(place: Place): void }) {
  return (
    <fieldset class="switch">
      <legend class="visually-hidden">Where to rank</legend>
      {PLACES.map(([value, name]) => (
        <label key={value}>
          <input type="radio" name="place" value={value} checked={place === value} onChange={() => onPlace(value)} />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
