"""A project's source as names that can be followed: imports, functions, classes and the types of annotations."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = ("sqid_core", "precompute", "ui", "sqid_ui")


@dataclass(frozen=True)
class Ref:
    """Something that a module defines: a function or class by its qualified name, or the module itself ("")."""

    module: str
    name: str = ""


# A type, as the module says it: the annotation is read in that module.
@dataclass(frozen=True)
class Typed:
    module: str
    said: ast.expr


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class Module:
    """A file: what it imports, defines and names."""

    name: str
    path: str
    tree: ast.Module
    imports: dict[str, Ref] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    aliases: dict[str, ast.expr] = field(default_factory=dict)


class Project:
    """The packages below a folder."""

    def __init__(self, root: Path) -> None:
        self.modules: dict[str, Module] = {}
        for package in PACKAGES:
            for path in sorted((root / package).rglob("*.py")):
                parts = path.relative_to(root).with_suffix("").parts
                inside = parts[:-1] if parts[-1] == "__init__" else parts
                relative = path.relative_to(root).as_posix()
                self.modules[".".join(inside)] = self._read(".".join(inside), relative, path)

    def _read(self, name: str, relative: str, path: Path) -> Module:
        module = Module(name, relative, ast.parse(path.read_text(encoding="utf-8")))
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    module.imports[each.asname or each.name.partition(".")[0]] = Ref(
                        each.name if each.asname else each.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                source = ".".join([*above, *([node.module] if node.module else [])])
                for each in node.names:
                    module.imports[each.asname or each.name] = Ref(source, each.name)
        for node in module.tree.body:
            if isinstance(node, Function):
                module.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                module.classes[node.name] = node
                for inner in node.body:
                    if isinstance(inner, Function):
                        module.functions[f"{node.name}.{inner.name}"] = inner
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                module.aliases[node.targets[0].id] = node.value
        return module

    def find(self, module: str, name: str) -> Ref | None:
        """What a name means in a module, through any number of imports."""
        for _ in range(8):
            here = self.modules.get(module)
            if here is None:
                return None
            if name in here.functions or name in here.classes or name in here.aliases:
                return Ref(module, name)
            if name not in here.imports:
                return None
            found = here.imports[name]
            whole = f"{found.module}.{found.name}" if found.name else found.module
            if whole in self.modules:
                return Ref(whole)
            module, name = found.module, found.name
        return None

    def function(self, ref: Ref | None) -> Function | None:
        return self.modules[ref.module].functions.get(ref.name) if ref else None

    def klass(self, ref: Ref | None) -> ast.ClassDef | None:
        return self.modules[ref.module].classes.get(ref.name) if ref else None

    def classes(self, typed: Typed | None, depth: int = 0) -> list[Ref]:
        """The classes of the project that an annotation names: of a union all of them."""
        if typed is None or depth > 8:
            return []
        said, inner = typed.said, depth + 1
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            return self.classes(Typed(typed.module, ast.parse(said.value, mode="eval").body), inner)
        if isinstance(said, ast.BinOp):
            return [ref for side in (said.left, said.right) for ref in self.classes(Typed(typed.module, side), inner)]
        if isinstance(said, ast.Name):
            ref = self.find(typed.module, said.id)
            if ref is None:
                return []
            alias = self.modules[ref.module].aliases.get(ref.name)
            return self.classes(Typed(ref.module, alias), inner) if alias is not None else [ref] if ref.name else []
        if isinstance(said, ast.Attribute) and isinstance(said.value, ast.Name):
            home = self.find(typed.module, said.value.id)
            if home is not None and not home.name:
                return self.classes(Typed(home.module, ast.Name(said.attr)), inner)
        return []

    def inside(self, typed: Typed | None) -> Typed | None:
        """The type of what a container holds: of a mapping its values."""
        if typed is None or not isinstance(typed.said, ast.Subscript):
            return None
        held = typed.said.slice
        if isinstance(held, ast.Tuple):
            ends = [each for each in held.elts if not (isinstance(each, ast.Constant) and each.value is ...)]
            held = ends[-1]
        return Typed(typed.module, held)

    def member(self, classes: Sequence[Ref], name: str) -> list[tuple[Ref, Function]]:
        """The methods of this name, in the classes or what they inherit from."""
        found = []
        for ref in classes:
            node = self.klass(ref)
            if node is None:
                continue
            own = Ref(ref.module, f"{ref.name}.{name}")
            function = self.function(own)
            if function is not None:
                found.append((own, function))
            else:
                bases = [base for each in node.bases for base in self.classes(Typed(ref.module, each))]
                found += self.member(bases, name)
        return found

    def attribute(self, classes: Sequence[Ref], name: str) -> Typed | None:
        """The type of a field or property."""
        for ref, function in self.member(classes, name):
            if is_property(function) and function.returns is not None:
                return Typed(ref.module, function.returns)
        for ref in classes:
            node = self.klass(ref)
            for each in node.body if node else []:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id == name:
                    return Typed(ref.module, each.annotation)
        return None


def is_property(function: Function) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id in ("property", "cached_property") for each in function.decorator_list
    )


def is_stub(function: Function) -> bool:
    """Whether there is nothing to read but a docstring and three dots, as in a protocol."""
    return all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in function.body)
