import type { ComponentChildren } from "preact";

interface Props {
  children: ComponentChildren;
  onAgain?(): void;
}

/** Something that went wrong, in a sentence, with a way on where there is one. */
export function Notice({ children, onAgain }: Props) {
  return (
    <div class="notice" role="alert">
      <p>{children}</p>
      {onAgain && (
        <button type="button" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}
