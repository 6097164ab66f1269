"""One list out of several."""

from monitor.fleet.app import App
from monitor.roster.merge import merge


def test_the_first_source_that_lists_an_appkey_describes_it():
    configured = [App("main", "k1", "configured")]
    file = [App("main", "k2", "file"), App("main", "k1", "file")]
    url = [App("main", "k3", "url"), App("main", "k2", "url")]

    assert merge(configured, file, url) == (
        App("main", "k1", "configured"),
        App("main", "k2", "file"),
        App("main", "k3", "url"),
    )


def test_no_sources_are_no_apps():
    assert merge((), ()) == ()
