import { useState } from "preact/hooks";

interface Props {
  /** Whether the service did not take the key it was given. */
  refused: boolean;
  onKey(key: string): void;
}

/** Asks for the API key of a service that wants one. The page holds it until it is closed or loaded anew. */
export function ApiKey({ refused, onKey }: Props) {
  const [typed, setTyped] = useState("");
  return (
    <form
      class="notice api-key"
      onSubmit={(event) => {
        event.preventDefault();
        onKey(typed.trim());
      }}
    >
      <p id="key-help" role={refused ? "alert" : undefined}>
        {refused ? "The service does not take this key." : "This service answers only with an API key."} The key stays
        in this page’s memory, and goes when you close it.
      </p>
      <label for="key">API key</label>
      <div class="api-key-field">
        <input
          id="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={typed}
          aria-describedby="key-help"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit">Use this key</button>
      </div>
    </form>
  );
}
