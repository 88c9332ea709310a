/** The name of the page, and the way to the API's description. */
export function Header() {
  return (
    <header class="top">
      <p class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M8 10.5h16M8 16h11M8 21.5h6" />
        </svg>
        Edge Rank
      </p>
      <nav aria-label="Elsewhere">
        <a href="/docs">API</a>
      </nav>
    </header>
  );
}
