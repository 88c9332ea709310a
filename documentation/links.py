"""Check a built site: `python -m documentation.links site`.

Zensical checks the links of Markdown; this checks the pages that it makes of them, raw HTML included. Each link and
picture must lead to a file of the site, and each fragment to an element. Nothing may be loaded from another host, so
that the site works without a network.
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADED = {"img": ("src",), "script": ("src",), "iframe": ("src",), "source": ("src", "srcset"), "video": ("src",)}
_LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "modulepreload", "manifest"}
_PLACEHOLDERS = {"", "__skip"}  # of the theme's own buttons


class _Page(HTMLParser):
    """The ids of a page, where it leads and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.leads: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        said = {name: value for name, value in attrs if value is not None}
        self.ids.update(said[name] for name in ("id", "name") if name in said)
        if tag == "a" and "href" in said:
            self.leads.append(said["href"])
        if tag == "link" and _LOADED_LINKS & set(said.get("rel", "").split()):
            self.loads.append(said["href"])
        self.loads += [said[name] for name in _LOADED.get(tag, ()) if name in said]


def faults(site: Path) -> Iterator[str]:
    """What is wrong with the site, a line each."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    if not pages:
        yield f"{site}: there are no pages"
    for path, page in pages.items():
        shown = path.relative_to(site)
        for url in page.loads:
            if urlsplit(url).netloc:
                yield f"{shown}: loads {url} from another host"
            elif not _is_data(url) and not _target(site, path, url).is_file():
                yield f"{shown}: loads {url}, which is not there"
        for url in page.leads:
            yield from (f"{shown}: {fault}" for fault in _link_faults(site, path, url, pages))


def _link_faults(site: Path, path: Path, url: str, pages: dict[Path, _Page]) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return
    target = _target(site, path, url)
    if not target.is_file():
        yield f"{url} leads nowhere"
    elif target in pages and parts.fragment not in _PLACEHOLDERS and unquote(parts.fragment) not in pages[target].ids:
        yield f"{url} names no element of its page"


def _target(site: Path, path: Path, url: str) -> Path:
    """The file behind a URL of a page."""
    inside = unquote(urlsplit(url).path)
    if not inside:
        return path
    target = (site / inside.lstrip("/") if inside.startswith("/") else path.parent / inside).resolve()
    return target / "index.html" if target.is_dir() else target


def _is_data(url: str) -> bool:
    return urlsplit(url).scheme == "data"


def main(site: Path) -> int:
    """Print the faults; the exit code is 1 if there is any."""
    found = list(faults(site.resolve()))
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    sys.stdout.write(f"{site}: {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
