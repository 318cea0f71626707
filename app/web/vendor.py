"""Lay out the third-party scripts, fonts, icons and maps under `static/vendor/`.

`python -m app.web.vendor` copies what the pages use out of `node_modules` and joins the
lucide icons that `icons.txt` lists into one sprite. Run it after `npm ci`; running it again changes nothing.
"""

import filecmp
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"

FILES = {
    "alpine.js": "@alpinejs/csp/dist/cdn.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "sortable.js": "sortablejs/Sortable.min.js",
    "topojson.js": "topojson-client/dist/topojson-client.min.js",
    "uplot/uplot.css": "uplot/dist/uPlot.min.css",
    "uplot/uplot.js": "uplot/dist/uPlot.iife.min.js",
    "world.json": "world-atlas/countries-50m.json",
}

FONTS = {
    "golos-text": ("golos-text", "wght-normal"),
    "literata": ("literata", "opsz-normal"),
    "literata-italic": ("literata", "opsz-italic"),
    "onest": ("onest", "wght-normal"),
}
SCRIPTS = ("cyrillic-ext", "cyrillic", "latin-ext", "latin")

ICONS = Path(__file__).with_name("icons.txt").read_text(encoding="utf-8").split()


def main() -> None:
    """Bring `static/vendor/` in line with what is installed."""
    for target, source in {**FILES, **font_files()}.items():
        place(MODULES / source, VENDOR / target)
    write(VENDOR / "icons.svg", sprite(ICONS))
    print(f"{VENDOR.relative_to(ROOT)}: {len(FILES)} files, {len(FONTS)} fonts, {len(ICONS)} icons")


def font_files() -> dict[str, str]:
    """Targets and sources of every font file, one for each script we write in."""
    return {
        f"fonts/{name}-{script}.woff2": f"@fontsource-variable/{package}/files/{package}-{script}-{cut}.woff2"
        for name, (package, cut) in FONTS.items()
        for script in SCRIPTS
    }


def place(source: Path, target: Path) -> None:
    """Copy a file unless the same one is there already."""
    if not source.exists():
        raise SystemExit(f"{source.relative_to(ROOT)} is missing: run `npm ci` first.")
    if target.exists() and filecmp.cmp(source, target, shallow=False):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def sprite(names: list[str]) -> str:
    """One SVG whose symbols carry the icons' names; colour and stroke come from the page."""
    symbols = "\n".join(symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def symbol(name: str) -> str:
    """The drawing of one lucide icon as a symbol."""
    source = (MODULES / "lucide-static" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    assert drawing is not None, f"{name}.svg holds no drawing"
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(drawing[1].split())}</symbol>'


def write(target: Path, text: str) -> None:
    """Write a text file if it says something new."""
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
