"""What a reader does with each construct of the language: a rule for it, or "no" with the reason.

Every reader of terms or of premises has one table, by the exact kind: a kind derived from another means something else
than that one, so it has rules of its own or none. A kind of premise without a rule is read as the premises that it is
expressed by, if its class says so (:meth:`~boundcheck.language.Premise.expressed`). What a reader has no rule for raises
:class:`~boundcheck.errors.TermError` by name; nothing is skipped, or read as what it is derived from. :data:`READERS` has the tables of all readers that have
been imported, and a test holds each of them complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from boundcheck.errors import TermError, explain
from boundcheck.language.terms import Term

if TYPE_CHECKING:
    from boundcheck.language.bounds import Bound
    from boundcheck.language.premises import Premise

__all__ = ["READERS", "Rules", "constructs"]

Rule = TypeVar("Rule")

#: The table of every reader, by its name.
READERS: dict[str, Rules[Any]] = {}


class Rules(Generic[Rule]):
    """The table of one reader.

    Parameters
    ----------
    reader
        What the reader is called, ``"the numeric reader"``.
    over
        What it reads: every kind of :class:`~boundcheck.language.Term`, of :class:`~boundcheck.language.Scalar`,
        :class:`~boundcheck.language.Vector` or :class:`~boundcheck.language.Premise` has a rule or a reason.
    rules
        By kind of term or premise, what the reader does with one.
    refused
        By kind, why the reader has no rule for it.
    fix
        What to do about a construct without a rule; empty where nothing is at hand.
    """

    def __init__(
        self,
        reader: str,
        over: type,
        rules: Mapping[type, Rule] | None = None,
        *,
        refused: Mapping[type, str] | None = None,
        fix: str = "",
    ) -> None:
        self.reader, self.over, self.fix = reader, over, fix
        self.rules: dict[type, Rule] = dict(rules or {})
        self.refused: dict[type, str] = dict(refused or {})
        READERS[reader] = self

    def rule(self, *kinds: type) -> Callable[[Rule], Rule]:
        """Return a decorator that makes a function the rule for these kinds."""

        def added(rule: Rule) -> Rule:
            for kind in kinds:
                self.rules[kind] = rule
            return rule

        return added

    def of(self, construct: Term | Premise) -> Rule:
        """Return the rule for a term or a premise.

        Raises
        ------
        TermError
            If there is none for its kind.
        """
        try:
            return self.rules[type(construct)]
        except KeyError:
            raise self.error(construct) from None

    def each(self, premises: Iterable[Premise]) -> Iterator[tuple[Premise, Rule]]:
        """Yield each premise with its rule; in place of one without, those that it is expressed by.

        Raises
        ------
        TermError
            If there is no rule for a premise's kind, and it is not expressed by others.
        """
        for premise in premises:
            kind = type(premise)
            if kind in self.rules or kind in self.refused or premise.expression is None:
                yield premise, self.of(premise)
            elif premise.spelled_out:
                yield from self.each(premise.expression)

    def error(self, construct: Term | Premise) -> TermError:
        """Return what to raise for a construct without a rule."""
        kind = type(construct)
        because = self.refused.get(kind)
        told = f"'{construct}', a {kind.__name__}" + (f": {because}" if because else ", for which it has no rule")
        if isinstance(construct, Term):
            return TermError(explain("term", f"what {self.reader} can read", told, self.fix or None))
        fixes = [self.fix] if self.fix else []
        if not because:
            fixes.append("say in its expressed() which premises mean the same")
        return TermError(
            explain(f"premise {construct.name}", f"what {self.reader} can read", told, ", or ".join(fixes) or None)
        )

    def require(self, constructs: Iterable[Term | Premise]) -> None:
        """Raise for the first construct, or part of a term, that there is no rule for.

        Raises
        ------
        TermError
            If there is none for its kind.
        """
        for construct in constructs:
            if not isinstance(construct, Term):
                for _ in self.each((construct,)):
                    pass
                continue
            for part in construct.walk():
                if type(part) not in self.rules:
                    raise self.error(part)

    def require_premises(self, bound: Bound) -> None:
        """Raise for the first premise of a bound, or of a link of its chain, that there is no rule for.

        Raises
        ------
        TermError
            If there is none for its kind.
        """
        for stated in (bound, *bound.chain):
            self.require(stated.premises)


def constructs(over: type) -> tuple[type, ...]:
    """Return the kinds of term or of premise that the language has, in the order of their names.

    Parameters
    ----------
    over
        :class:`~boundcheck.language.Term`, :class:`~boundcheck.language.Scalar`, :class:`~boundcheck.language.Vector`,
        :class:`~boundcheck.language.Premise`, or ``object`` for all of them.
    """
    # The language is what this module is a part of.
    from boundcheck import language

    bases = (language.Term, language.Scalar, language.Vector, language.Premise)
    named = (getattr(language, name) for name in sorted(language.__all__))
    kinds = (kind for kind in named if isinstance(kind, type) and issubclass(kind, (language.Term, language.Premise)))
    return tuple(kind for kind in kinds if kind not in bases and issubclass(kind, over))
