"""Directives that generate what would drift if it were typed: statements, help texts, outputs of commands.

``.. bound:: NAME``
    A bound's or a link's premises and statement, from its term, and what shows that it is sharp. The content is the
    reason why it holds.
``.. terms::``
    A table of terms: each line of the content is an expression, then ``|`` and its meaning; shown as they print.
``.. command-help::``
    The help text of every command, a section each.
``.. transcript:: ARGUMENTS``
    A run of the command line: the Python in the content first (it writes the files), then the output (its first
    ``:lines:``) and the status.

Mathematics is rendered as MathML by docutils, so that pages need neither scripts nor a network.
"""

from __future__ import annotations

import inspect
import os
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import click
import numpy as np
from click.testing import CliRunner
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import boundcheck.cli
import boundcheck.language.terms
import boundcheck.theorems
from boundcheck.formal import bound_latex, latex, premise_latex
from boundcheck.language import Bound, ForAll
from boundcheck.theorems import aggregators, every, karimov, lower, transfer, upper

_WIDTH = 100


def _bounds() -> dict[str, Bound]:
    """Return every statement by name."""
    return dict(every())


def _depend(directive: SphinxDirective, *sources: object) -> None:
    """Have the page built anew when the code it shows changes."""
    for source in sources:
        directive.env.note_dependency(inspect.getsourcefile(source))


class BoundDirective(SphinxDirective):
    """A bound as its term says it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        _depend(self, karimov, upper, lower, transfer, aggregators, bound_latex)
        bound = _bounds().get(self.arguments[0])
        if bound is None:
            raise self.error(f"no bound is named {self.arguments[0]!r}")
        shown = self.env.boundcheck_shown = getattr(self.env, "boundcheck_shown", {})
        shown.setdefault(self.env.docname, set()).add(bound.name)
        sharp = [nodes.paragraph(text=bound.sharpness)] if bound.sharpness else []
        return [self._head(bound), *self._statement(bound), *self.parse_content_to_nodes(), *sharp]

    def _head(self, bound: Bound) -> nodes.Node:
        head = nodes.paragraph()
        head += nodes.strong(text=bound.title[0].upper() + bound.title[1:])
        head += nodes.inline(text=f" ({bound.space.value}; ")
        head += nodes.literal(text=bound.name)
        if bound.proof is None:
            head += nodes.inline(text="; tested)")
        else:
            file, _, theorem = bound.proof.partition(".")
            head += nodes.inline(text="; proved, ")
            head += nodes.literal(text=theorem)
            head += nodes.inline(text=" in ")
            head += nodes.literal(text=f"proofs/{file}.v")
            head += nodes.inline(text=")")
        return head

    def _statement(self, bound: Bound) -> Iterator[nodes.Node]:
        if bound.premises:
            premises = nodes.paragraph(text="If ")
            for position, premise in enumerate(bound.premises):
                premises += nodes.Text(" and " if position else "")
                premises += nodes.math(text=premise_latex(premise))
                if isinstance(premise, ForAll):
                    premises += nodes.inline(text=f" [{premise.name}]")
            premises += nodes.Text(", then")
            yield premises
        yield nodes.math_block(text=bound_latex(bound), number=None, label=None, nowrap=False, docname="")
        yield nodes.literal_block(text=bound.statement, language="text")


class TermsDirective(SphinxDirective):
    """A table of terms: how they are written, how they print, how they are set, what they mean."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        _depend(self, latex, boundcheck.language.terms)
        head = [nodes.paragraph(text=text) for text in ("write", "prints as", "mathematics", "meaning")]
        body = [self._row(*line.rsplit("|", 1)) for line in self.content if line]
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in (30, 20, 20, 30)), cols=4)
        group += nodes.thead("", _table_row(head))
        group += nodes.tbody("", *map(_table_row, body))
        return [nodes.table("", group, classes=["colwidths-auto"])]

    def _row(self, expression: str, meaning: str) -> list[nodes.Node]:
        term = eval(expression, dict(vars(boundcheck.language)))
        shown = [nodes.literal(text=expression.strip()), nodes.literal(text=str(term)), nodes.math(text=latex(term))]
        parsed, _ = self.parse_inline(meaning.strip())
        return [*(nodes.paragraph("", "", node) for node in shown), nodes.paragraph("", "", *parsed)]


def _table_row(cells: list[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


class CommandHelp(SphinxDirective):
    """The help text of every command."""

    def run(self) -> list[nodes.Node]:
        _depend(self, boundcheck.cli)
        group = boundcheck.cli.cli
        above = click.Context(group, info_name="boundcheck", terminal_width=_WIDTH, **group.context_settings)
        below = [
            click.Context(group.commands[name], info_name=name, parent=above, terminal_width=_WIDTH)
            for name in group.list_commands(above)
        ]
        return [self._section(context) for context in (above, *below)]

    @staticmethod
    def _section(context: click.Context) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(context.command_path)])
        section += nodes.title(text=context.command_path)
        section += nodes.literal_block(text=context.get_help(), language="text")
        return section


class Transcript(SphinxDirective):
    """A run of the command line, made when the pages are built."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"lines": directives.positive_int}
    has_content = True

    def run(self) -> list[nodes.Node]:
        _depend(self, boundcheck.cli)
        code, arguments = "\n".join(self.content), self.arguments[0]
        before = Path.cwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                exec(code, {"np": np})
                result = CliRunner().invoke(boundcheck.cli.cli, shlex.split(arguments), standalone_mode=False)
            finally:
                os.chdir(before)
        if result.exception is not None:
            raise self.error(f"boundcheck {arguments}: {result.exception!r}")
        lines = [line.rstrip() for line in result.output.rstrip().splitlines()]
        kept = self.options.get("lines", len(lines))
        output = "\n".join(lines[:kept] + ["…"] * (kept < len(lines)))
        text = f"$ boundcheck {arguments}\n{output}\n$ echo $?\n{result.return_value}"
        shown = [nodes.literal_block(text=code, language="python")] if code else []
        return [*shown, nodes.literal_block(text=text, language="console")]


class _Named:
    """A default value that shows itself by name."""

    def __init__(self, bound: Bound) -> None:
        self._name = next((name for name, known in vars(boundcheck.theorems).items() if known == bound), bound.name)

    def __repr__(self) -> str:
        return self._name


def _name_defaults(app: Sphinx, function: object, is_method: bool) -> None:
    """Show a bound that is a default by its name, also where it is not written in a signature (a strategy)."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    parameters = signature.parameters.values()
    if any(isinstance(parameter.default, Bound) for parameter in parameters):
        named = [p.replace(default=_Named(p.default)) if isinstance(p.default, Bound) else p for p in parameters]
        function.__signature__ = signature.replace(parameters=named)


def _plain_factories(app: Sphinx, what: str, name: str, obj: object, options: object, signature: str, result: str):
    """Show a dataclass's default factory as one that Python can read."""
    return (signature.replace("<factory>", "..."), result) if signature and "<factory>" in signature else None


def _inline_math(writer: object, node: nodes.math) -> None:
    writer.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _block_math(writer: object, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="math" style="margin: 1em 0">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def _forget(app: Sphinx, env: object, docname: str) -> None:
    getattr(env, "boundcheck_shown", {}).pop(docname, None)


def _merge(app: Sphinx, env: object, docnames: object, other: object) -> None:
    env.boundcheck_shown = {**getattr(env, "boundcheck_shown", {}), **getattr(other, "boundcheck_shown", {})}


def _require_every_bound(app: Sphinx, env: object) -> None:
    shown = set().union(*getattr(env, "boundcheck_shown", {}).values())
    for name in _bounds().keys() - shown:
        logging.getLogger(__name__).warning("no page shows bound %r", name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("bound", BoundDirective)
    app.add_directive("terms", TermsDirective)
    app.add_directive("command-help", CommandHelp)
    app.add_directive("transcript", Transcript)
    app.add_html_math_renderer("mathml", inline_renderers=(_inline_math, None), block_renderers=(_block_math, None))
    app.connect("autodoc-before-process-signature", _name_defaults)
    app.connect("autodoc-process-signature", _plain_factories)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-check-consistency", _require_every_bound)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
