"""All kinds of products of the demo, by name: a TOML file a department. Their order decides what a seed draws."""

from pathlib import Path

from precompute.demo.products.kinds.reader import Kind, read_kinds

DEPARTMENTS = ("wear", "bags", "table", "home", "media")
KINDS: dict[str, Kind] = {
    kind.name: kind for name in DEPARTMENTS for kind in read_kinds(Path(__file__).with_name(f"{name}.toml"))
}

__all__ = ["KINDS", "Kind"]
