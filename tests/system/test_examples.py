"""The examples beside the configuration are accepted by the programs they are for."""

import subprocess
from pathlib import Path

CONFIG = Path(__file__).parents[2] / "config"


def test_prometheus_accepts_the_scrape_example(command):
    done = subprocess.run(
        [command("promtool"), "check", "config", str(CONFIG / "prometheus/prometheus.yml")],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
