"""Reads one function of a project from top to bottom and says which others are entered on the way: see `walks`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from source_tree import Project, Ref, Typed, is_property

# What keeps its arguments in what it is called on.
_KEEPS = frozenset({"append", "extend", "update", "insert", "add", "setdefault", "put"})
_SAME_TYPE = frozenset({"replace", "list", "tuple", "sorted", "reversed", "iter", "set", "frozenset"})
_INSIDE = frozenset({"next", "get", "pop", "result"})


@dataclass(frozen=True)
class Value:
    """What is known of an expression: whether it holds the datum, and its type."""

    held: bool = False
    typed: Typed | None = None


Enter = Callable[[Ref, frozenset[str]], None]


class Reader:
    """Reads a function from top to bottom. enter: is called for each function on the way, with the parameters that hold
    the datum. leads: says whether the sink is reached through a function. over: whether the walk has ended. facts:
    see `walks.Leg`."""

    def __init__(
        self,
        project: Project,
        ref: Ref,
        holding: Iterable[str],
        enter: Enter,
        leads: Callable[[Ref], bool],
        over: Callable[[], bool],
        facts: Mapping[str, bool],
    ) -> None:
        self.facts, self.left = facts, False
        self.project, self.module, self.enter, self.leads, self.over = project, ref.module, enter, leads, over
        self.known: dict[str, Value] = {}
        function = project.function(ref)
        assert function is not None, ref
        owner = Ref(ref.module, ref.name.partition(".")[0]) if "." in ref.name else None
        self._parameters(function.args, frozenset(holding), owner)
        self._all(function.body)

    def _parameters(self, arguments: ast.arguments, holding: frozenset[str], owner: Ref | None = None) -> None:
        for place, each in enumerate([*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]):
            typed = Typed(self.module, each.annotation) if each.annotation else None
            if owner is not None and place == 0:
                typed = Typed(owner.module, ast.Name(owner.name))
            self.known[each.arg] = Value(each.arg in holding, typed)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                self.known[extra.arg] = Value(extra.arg in holding)

    # --- statements ---

    def _all(self, statements: Iterable[ast.stmt]) -> None:
        for each in statements:
            if not (self.over() or self.left):
                self._statement(each)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.known[node.name] = Value(typed=Typed(self.module, node.returns) if node.returns else None)
                self._parameters(node.args, frozenset())
                self._all(node.body)
            case ast.Expr(value=ast.Call() as call):
                self._alone(call)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target, found in zip(targets, [self.value(each) for each in values], strict=False):
                    self._bind(target, found)
            case ast.Assign(targets=targets, value=value):
                found = self.value(value)
                for target in targets:
                    self._bind(target, found)
            case ast.AnnAssign(target=target, value=value, annotation=annotation):
                held = self.value(value).held if value else False
                self._bind(target, Value(held, Typed(self.module, annotation)))
            case ast.AugAssign(target=target, value=value):
                self._hold(target, self.value(value).held)
            case ast.For(target=target, iter=several, body=body, orelse=orelse):
                self._bind(target, self._inside(self.value(several)))
                self._all([*body, *orelse])
            case ast.With(items=items, body=body):
                for item in items:
                    found = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, found)
                self._all(body)
            case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
                self.value(test)
                decided = self._decided(test)
                self._all([] if decided is False else body)
                self._all([] if decided else orelse)
                if decided and body and isinstance(body[-1], ast.Return):
                    self.left = True
            case ast.Try(body=body, orelse=orelse, finalbody=finalbody):
                self._all([*body, *orelse, *finalbody])
            case ast.Expr(value=value) | ast.Return(value=value) if value is not None:
                self.value(value)

    def _alone(self, call: ast.Call) -> None:
        keeps = isinstance(call.func, ast.Attribute) and call.func.attr in _KEEPS
        if keeps:
            self._hold(call.func.value, self.value(call).held)  # type: ignore[attr-defined]
        elif any(map(self.leads, [*self._callees(call.func), *self._handed_on(call)])):
            self.value(call)

    def _bind(self, target: ast.expr, found: Value) -> None:
        match target:
            case ast.Name(id=name):
                self.known[name] = found
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                said = found.typed.said if found.typed else None
                each = self._inside(found)
                fixed = said.slice.elts if isinstance(said, ast.Subscript) and isinstance(said.slice, ast.Tuple) else []
                for place, part in enumerate(parts):
                    own = Typed(found.typed.module, fixed[place]) if found.typed and place < len(fixed) else each.typed
                    self._bind(part, Value(found.held, own))
            case ast.Starred(value=value):
                self._bind(value, found)
            case _:
                self._hold(target, found.held)

    def _hold(self, target: ast.expr, held: bool) -> None:
        """What is put into a thing is held by it."""
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        if held and isinstance(target, ast.Name):
            self.known[target.id] = Value(True, self.known.get(target.id, Value()).typed)

    # --- expressions ---

    def value(self, node: ast.expr) -> Value:
        """Reads an expression, entering what it calls."""
        if self.over():
            return Value()
        match node:
            case ast.Name(id=name):
                return self.known.get(name, Value())
            case ast.Call():
                return self._call(node)
            case ast.Attribute(value=base, attr=name):
                return self._attribute(self.value(base), name)
            case ast.Lambda(body=body):
                return self.value(body)
            case ast.IfExp(test=test, body=body, orelse=orelse) if (decided := self._decided(test)) is not None:
                self.value(test)
                return self.value(body if decided else orelse)
            case ast.BoolOp(values=[first, *_]) if self._decided(node) is not None:
                return self.value(first)
            case ast.Subscript(value=base, slice=place):
                found, index = self.value(base), self.value(place)
                return Value(found.held or index.held, self._inside(found).typed)
            case ast.NamedExpr(target=target, value=value):
                self._bind(target, found := self.value(value))
                return found
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
        parts = [self.value(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        typed = next((part.typed for part in parts if part.typed), None)
        return Value(any(part.held for part in parts), typed if isinstance(node, ast.IfExp | ast.BoolOp) else None)

    def _decided(self, node: ast.expr) -> bool | None:
        """Whether a test holds on this journey, None where its facts do not say."""
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                return self.facts.get(name)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = self._decided(operand)
                return None if found is None else not found
            case ast.BoolOp(op=kind, values=parts):
                ends = isinstance(kind, ast.Or)
                decided = [self._decided(part) for part in parts]
                return ends if ends in decided else None if None in decided else not ends
            case ast.Call(args=[ast.Constant(value=str() as name)]) | ast.Call(func=ast.Name(id=name)):
                return self.facts.get(name)
            case ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value=str() as name)]):
                return self.facts.get(name)
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as kind], comparators=[ast.Constant(value=None)]):
                found = self._decided(left)
                return None if found is None else found is isinstance(kind, ast.IsNot)
        return None

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        held = False
        for each in node.generators:
            several = self.value(each.iter)
            held |= several.held
            self._bind(each.target, self._inside(several))
            for test in each.ifs:
                self.value(test)
        last = self.value(node.value if isinstance(node, ast.DictComp) else node.elt)
        held |= last.held or (isinstance(node, ast.DictComp) and self.value(node.key).held)
        return Value(held, _container(last.typed))

    def _attribute(self, base: Value, name: str) -> Value:
        return Value(base.held, self.project.attribute(self.project.classes(base.typed), name))

    def _call(self, call: ast.Call) -> Value:
        callees, base = self._callees(call.func), Value()
        if isinstance(call.func, ast.Attribute):
            base = self.value(call.func.value)
        elif isinstance(call.func, ast.Name):
            base = self.known.get(call.func.id, base)
        given = [(None, self.value(each)) for each in call.args]
        given += [(each.arg, self.value(each.value)) for each in call.keywords]
        held = base.held or any(value.held for _, value in given)
        for ref in self._handed_on(call) if held else ():
            function = self.project.function(ref)
            self.enter(ref, frozenset(each.arg for each in function.args.args) if function else frozenset())
        for ref in callees if held else ():
            self._enter_with(ref, base, given)
        return Value(held, self._type_of(call, callees, base, [value for _, value in given]))

    def _enter_with(self, ref: Ref, base: Value, given: list[tuple[str | None, Value]]) -> None:
        node = self.project.klass(ref)
        if node is not None:
            self.enter(ref, frozenset())
            for made, function in self.project.member([ref], "__init__"):
                self.enter(made, frozenset(each.arg for each in function.args.args))
            return
        function = self.project.function(ref)
        if function is None or is_property(function):
            return
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        bound = "." in ref.name and bool(names) and names[0] in ("self", "cls")
        holding = {names[0]} if bound and base.held else set()
        names = names[1:] if bound else names
        rest = function.args.vararg.arg if function.args.vararg else ""
        for place, (name, value) in enumerate(given):
            if value.held:
                holding.add(name or (names[place] if place < len(names) else rest))
        if holding or base.held:
            self.enter(ref, frozenset(holding))

    def _type_of(self, call: ast.Call, callees: list[Ref], base: Value, given: list[Value]) -> Typed | None:
        for ref in callees:
            function = self.project.function(ref)
            if function is not None and function.returns is not None:
                return Typed(ref.module, function.returns)
            if self.project.klass(ref) is not None:
                return Typed(ref.module, ast.Name(ref.name))
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        first = given[0] if given else Value()
        if isinstance(call.func, ast.Name) and name in _SAME_TYPE:
            return first.typed
        if name in _INSIDE:
            return self._inside(first if isinstance(call.func, ast.Name) else base).typed
        if name == "map":
            functions = [self.project.function(ref) for ref in self._handed_on(call)]
            homes = zip(self._handed_on(call), functions, strict=True)
            return next((_container(Typed(r.module, f.returns)) for r, f in homes if f and f.returns), None)
        return base.typed if name == "values" or isinstance(call.func, ast.Name) else None

    def _callees(self, func: ast.expr) -> list[Ref]:
        """The functions and classes of the project that an expression may be."""
        if isinstance(func, ast.Name):
            found = None if func.id in self.known else self.project.find(self.module, func.id)
            return [found] if found is not None and found.name else []
        if not isinstance(func, ast.Attribute):
            return []
        if isinstance(func.value, ast.Name) and func.value.id not in self.known:
            home = self.project.find(self.module, func.value.id)
            if home is not None:
                found = self.project.find(home.module, func.attr if not home.name else home.name)
                if found and home.name and self.project.klass(found):
                    return [ref for ref, _ in self.project.member([found], func.attr)]
                return [found] if found is not None and found.name and not home.name else []
        return [ref for ref, _ in self.project.member(self.project.classes(self._seen(func.value)), func.attr)]

    def _seen(self, node: ast.expr) -> Typed | None:
        """An expression's type, without entering anything."""
        enter, self.enter = self.enter, lambda *_: None
        try:
            return self.value(node).typed
        finally:
            self.enter = enter

    def _handed_on(self, call: ast.Call) -> list[Ref]:
        given = [*call.args, *(each.value for each in call.keywords)]
        found = [ref for each in given if isinstance(each, ast.Name | ast.Attribute) for ref in self._callees(each)]
        functions = [(ref, self.project.function(ref)) for ref in found]
        return [ref for ref, function in functions if function is not None and not is_property(function)]

    def _inside(self, found: Value) -> Value:
        return Value(found.held, self.project.inside(found.typed))


def _container(typed: Typed | None) -> Typed | None:
    return None if typed is None else Typed(typed.module, ast.Subscript(ast.Name("list"), typed.said))
