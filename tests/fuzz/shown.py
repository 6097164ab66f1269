"""What must hold of any exposition: it can be parsed, and no sample comes twice."""

import re
import subprocess

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.metrics.exposition import Exposition

# The grammar of both formats as far as we use it; possessive, so that what does not fit is told at once.
_VALUE = rb'"(?:[^"\\\n\x00-\x08\x0b-\x1f\x7f]|\\["\\n])*+"'
_LABEL = rb"[a-zA-Z_][a-zA-Z0-9_]*+=" + _VALUE
_SAMPLE = rb"nxcloud_[a-z_]++\{" + _LABEL + rb"(?:," + _LABEL + rb")*+\} (?:[0-9]++(?:\.[0-9]++)?|\+Inf)\n"
_text = re.compile(rb"(?:# (?:HELP|TYPE) nxcloud_[a-z_]++ [^\n\\\"]++\n|" + _SAMPLE + rb")*+")


def check_quickly(shown: Exposition) -> None:
    """Hold the text against the grammar, and look for samples that come twice; takes some 100 µs."""
    text = b"".join(shown.pieces(openmetrics=False))
    fits = _text.match(text)
    assert fits is not None
    assert fits.end() == len(text), f"no sample: {text[fits.end() :][:400]!r}"
    text.decode()
    samples = [line.rpartition(b" ")[0] for line in text.splitlines() if not line.startswith(b"#")]
    assert len(set(samples)) == len(samples), f"twice: {sorted(samples)}"


def check_with_parsers(shown: Exposition) -> None:
    """Have both of prometheus_client's parsers read it, and compare what they found."""
    text = b"".join(shown.pieces(openmetrics=False)).decode()
    openmetrics = b"".join(shown.pieces(openmetrics=True)).decode() + "# EOF\n"
    found = [_samples(families) for families in (parse_text(text), parse_openmetrics(openmetrics))]
    for samples in found:
        assert len(set(samples)) == len(samples), f"twice: {sorted(map(str, samples))}"
    assert found[0] == found[1]


def check_with_promtool(shown: Exposition, promtool: str) -> None:
    """Have Prometheus' own parser read it."""
    text = b"".join(shown.pieces(openmetrics=False))
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


def _samples(families) -> list[tuple[str, frozenset[tuple[str, str]], float]]:
    return [(one.name, frozenset(one.labels.items()), one.value) for family in families for one in family.samples]
