"""The files from which Grafana takes its data sources and its dashboards."""

from pathlib import Path

import pytest
import yaml

from tests.dashboards.boards import NAMES, load, variables

CONFIG = Path(__file__).parents[2] / "config"
PROVISIONING = CONFIG / "grafana" / "provisioning"


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


SOURCES = read(PROVISIONING / "datasources" / "prometheus.yml")["datasources"]


def test_there_is_one_default_data_source_of_the_type_that_the_dashboards_offer():
    (default,) = [source for source in SOURCES if source.get("isDefault")]

    assert [default["type"]] * len(NAMES) == [variables(load(name), "datasource")[0]["query"] for name in NAMES]


def test_the_data_source_knows_at_which_interval_prometheus_scrapes():
    (default,) = [source for source in SOURCES if source.get("isDefault")]
    scraped = read(CONFIG / "prometheus" / "prometheus.yml")["global"]["scrape_interval"]

    assert default["jsonData"]["timeInterval"] == scraped


def test_dashboards_come_from_files_and_are_not_changed_by_hand():
    (provider,) = read(PROVISIONING / "dashboards" / "number-monitor.yml")["providers"]

    assert (provider["type"], provider["allowUiUpdates"]) == ("file", False)


@pytest.mark.parametrize("path", sorted(PROVISIONING.rglob("*.yml")), ids=lambda path: path.name)
def test_every_file_is_of_the_version_that_grafana_reads(path):
    assert read(path)["apiVersion"] == 1
