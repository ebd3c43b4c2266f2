"""Directives that generate what would drift if it were typed: statements, help texts, outputs of commands.

``.. bound:: NAME``
    A bound's premises and statement, from its term, its sharpness and a link to its page. The content says more of it.
``.. theorems:: MODULE``
    A table of the statements that a module of :mod:`boundcheck.theorems` exports, with links to their pages; without a
    module, of those that none exports.
``.. published:: FIELD``
    A table of the published statements of a field, with links to their pages.
``.. terms::``
    A table of terms: each line of the content is an expression, then ``|`` and its meaning; shown as they print.
``.. readers:: KIND``
    A table of what each reader has a rule for, of ``terms`` or of ``premises``, and below it why it has none elsewhere.
``.. results:: FILE``
    The tables and paragraphs of a Markdown file below ``benchmarks/results``, without its headings.
``.. comparison:: FILE``
    The answer and the tables that results of ``compare-methods`` make, or that there are none yet.
``.. command-help::``
    The help text of every command, a section each.
``.. transcript:: ARGUMENTS``
    A run of the command line: the Python in the content first (it writes the files), then the output (its first
    ``:lines:``) and the status.

Mathematics is rendered as MathML by docutils, so that pages need neither scripts nor a network.
"""

from __future__ import annotations

import inspect
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import click
import numpy as np
import published.pages
import readers
from click.testing import CliRunner
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from theorems import pages

import boundcheck.cli
import boundcheck.language.rules
import boundcheck.theorems
import boundcheck.theorems.published
from boundcheck.formal import bound_latex, latex
from boundcheck.language import Bound, atoms, reductions, terms
from boundcheck.theorems import every

_WIDTH = 100


def _depend(directive: SphinxDirective, *sources: object) -> None:
    """Have the page built anew when the code it shows changes."""
    for source in sources:
        directive.env.note_dependency(inspect.getsourcefile(source))


class BoundDirective(SphinxDirective):
    """A bound as its term says it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        _depend(self, *_theorem_modules(), bound_latex, pages)
        name = self.arguments[0]
        if name not in every():
            raise self.error(f"no bound is named {name!r}")
        bound = every()[name]
        head = f":doc:`{pages.title(bound)} <{pages.place(name)}>` (``{name}``, in {bound.space.value})"
        stated = self.parse_text_to_nodes(f"{head}\n\n{pages.statement(bound)}")
        sharp = [nodes.paragraph(text=bound.sharpness)] if bound.sharpness else []
        return [*stated, *self.parse_content_to_nodes(), *sharp]


class TheoremsDirective(SphinxDirective):
    """A table of a module's statements, with their pages below it in the contents."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        _depend(self, *_theorem_modules(), bound_latex, pages)
        module = self.arguments[0] if self.arguments else ""
        families = pages.families()
        if module not in families:
            raise self.error(f"no statement is exported by {module!r}, but by {', '.join(filter(None, families))}")
        return self.parse_text_to_nodes(pages.overview(families[module])) if families[module] else []


class PublishedDirective(SphinxDirective):
    """A table of the published statements of a field, with their pages below it in the contents."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        _depend(self, *_published_modules(), published.pages)
        return self.parse_text_to_nodes(published.pages.overview(self.arguments[0]))


def _published_modules() -> list[ModuleType]:
    return [module for module in vars(boundcheck.theorems.published).values() if inspect.ismodule(module)]


def _theorem_modules() -> list[ModuleType]:
    return [module for module in vars(boundcheck.theorems).values() if inspect.ismodule(module)]


def _cli_modules() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.split(".")[:2] == ["boundcheck", "cli"]]


class ResultsDirective(SphinxDirective):
    """What a file of results has: its tables, and the paragraphs that say what they are of."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = Path(__file__).parents[1] / "benchmarks" / "results" / self.arguments[0]
        if not path.is_file():
            raise self.error(f"no file of results is {path}")
        self.env.note_dependency(str(path))
        found: list[nodes.Node] = []
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            lines = block.splitlines()
            if lines[0].startswith("|"):
                head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
                found.append(_plain_table(head, rows))
            elif not lines[0].startswith("#"):
                title = block.strip().removeprefix("**").removesuffix("**")
                node = nodes.strong if len(title) == len(block.strip()) - 4 else nodes.inline
                found.append(nodes.paragraph("", "", node(text=title)))
        return found


def _table(head: Sequence[str], rows: Iterable[Sequence[nodes.Node]], widths: Sequence[int] = ()) -> nodes.table:
    """Return a table of cells, whose columns are as wide as they need or have given shares of the width."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths or (1,) * len(head)), cols=len(head))
    titles = [nodes.paragraph(text=text) for text in head]
    head_row, *body = (nodes.row("", *(nodes.entry("", cell) for cell in cells)) for cells in (titles, *rows))
    group += [nodes.thead("", head_row), nodes.tbody("", *body)]
    return nodes.table("", group, classes=["colwidths-auto"])


def _plain_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> nodes.table:
    return _table(head, [[nodes.paragraph(text=cell) for cell in row] for row in rows])


class TermsDirective(SphinxDirective):
    """A table of terms: how they are written, how they print, how they are set, what they mean."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        _depend(self, latex, terms, atoms, reductions)
        rows = [self._row(*line.rsplit("|", 1)) for line in self.content if line]
        return [_table(["write", "prints as", "mathematics", "meaning"], rows, [30, 20, 20, 30])]

    def _row(self, expression: str, meaning: str) -> list[nodes.Node]:
        term = eval(expression, dict(vars(boundcheck.language)))
        shown = [nodes.literal(text=expression.strip()), nodes.literal(text=str(term)), nodes.math(text=latex(term))]
        parsed, _ = self.parse_inline(meaning.strip())
        return [*(nodes.paragraph("", "", node) for node in shown), nodes.paragraph("", "", *parsed)]


class ReadersDirective(SphinxDirective):
    """What each reader has a rule for, and why it has none elsewhere."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        _depend(self, boundcheck.language.rules)
        if self.arguments[0] == "functions":
            return self.parse_text_to_nodes(readers.functions())
        kind = {"terms": boundcheck.language.Term, "premises": boundcheck.language.Premise}[self.arguments[0]]
        return self.parse_text_to_nodes(readers.table(kind))


class ComparisonDirective(SphinxDirective):
    """What results of a comparison of methods say."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        from boundcheck.omniglot.methods import tables
        from boundcheck.omniglot.methods.differences import Results

        _depend(self, tables)
        file = Path(self.env.srcdir) / self.arguments[0]
        if not file.is_file():
            return self.parse_text_to_nodes("There are no results in the repository yet.")
        self.env.note_dependency(str(file))
        summary = json.loads(file.read_text(encoding="utf-8"))
        made = [nodes.paragraph("", "", nodes.strong(text=tables.answer(Results(summary))))]
        for table in tables.tables(summary):
            if table.rows:
                made.append(nodes.paragraph("", "", nodes.strong(text=table.title)))
                made += [_plain_table(table.columns, table.rows), nodes.paragraph(text=table.note)]
        return made


class CommandHelp(SphinxDirective):
    """The help text of every command."""

    def run(self) -> list[nodes.Node]:
        _depend(self, *_cli_modules())
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
        _depend(self, *_cli_modules())
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
    writer.body.append(
        f'<div class="math" style="margin: 1em 0; overflow: auto hidden; padding: 0.3em 0">{tex2mathml(node.astext(), as_block=True)}</div>'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("bound", BoundDirective)
    app.add_directive("theorems", TheoremsDirective)
    app.add_directive("published", PublishedDirective)
    app.add_directive("results", ResultsDirective)
    app.add_directive("terms", TermsDirective)
    app.add_directive("readers", ReadersDirective)
    app.add_directive("comparison", ComparisonDirective)
    app.add_directive("command-help", CommandHelp)
    app.add_directive("transcript", Transcript)
    app.add_html_math_renderer("mathml", inline_renderers=(_inline_math, None), block_renderers=(_block_math, None))
    app.connect("autodoc-before-process-signature", _name_defaults)
    app.connect("autodoc-process-signature", _plain_factories)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
