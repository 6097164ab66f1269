"""
Matching: which events and entries a rule of the configuration is about.

The one meaning of `match` for severity overrides, ignore rules, sinks and maintenance windows.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import msgspec


class Match(msgspec.Struct, frozen=True):
    """
    Every named field must fit; a field left empty fits all.

    account, appkey, number, waba_id, label values, type and attribute are globs (`*`, `?`, `[…]`), several of which
    may be given: one must fit.  A field that the subject does not have (an app's event has no number) does not fit.
    """

    account: tuple[str, ...] = ()
    appkey: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    waba_id: tuple[str, ...] = ()
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (name, globs): every named label must fit
    severity: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    attribute: tuple[str, ...] = ()

    def fits(self, facts: Mapping[str, str], labels: Mapping[str, str]) -> bool:
        """Whether the subject with these facts (keyed as the fields above) and labels is meant."""
        for name in ("account", "appkey", "number", "waba_id", "severity", "type", "attribute"):
            globs = getattr(self, name)
            if globs and not _any(globs, facts.get(name, "")):
                return False
        return all(name in labels and _any(globs, labels[name]) for name, globs in self.labels)


def _any(globs: tuple[str, ...], text: str) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)
