"""config/kubernetes is what Kubernetes takes, starts the image as it is, and lets it do no more than it needs."""

import functools
import re
import runpy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from monitor.cli.program import program
from monitor.daemon.daemon import STOP_WITHIN
from monitor.settings.load import load

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "config" / "kubernetes"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OVERLAYS = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
VERSIONS = ("1.29.1", "1.37.0")  #: the oldest Kubernetes that is promised, and the newest whose schema is known
OF_THE_IMAGE = re.findall(r"NUMBER_MONITOR_STORE_URL=(\S+)", DOCKERFILE)[0]  #: where the state is, if nobody says
SECRETS = {"nxcloud.secret": "what is secret", "store-url": "postgresql://monitor:hunter2@db.example.com/monitor"}
OPERATORS = {"ServiceMonitor", "PrometheusRule"}  #: kinds that Kubernetes itself does not know

Documents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rendered(command) -> Callable[[str], Documents]:
    """What `kubectl apply -k` would send for a directory of config/kubernetes."""

    @functools.cache
    def render(directory: str) -> Documents:
        kustomize = [command("kubectl"), "kustomize", str(KUBERNETES / directory)]
        done = subprocess.run(kustomize, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return list(yaml.safe_load_all(done.stdout))

    return render


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest, rendered: Callable[[str], Documents]) -> Documents:
    """The documents of each overlay."""
    return rendered(f"overlays/{request.param}")


def one(documents: Documents, kind: str) -> dict[str, Any]:
    (found,) = [document for document in documents if document["kind"] == kind]
    return found


def pod(documents: Documents, kind: str = "Deployment") -> dict[str, Any]:
    return dict(one(documents, kind)["spec"]["template"]["spec"])


def container(documents: Documents, kind: str = "Deployment") -> dict[str, Any]:
    (found,) = pod(documents, kind)["containers"]
    return dict(found)


def ports_out(documents: Documents) -> set[int]:
    return {port["port"] for rule in one(documents, "NetworkPolicy")["spec"]["egress"] for port in rule["ports"]}


@pytest.fixture
def configured(overlay: Documents, tmp_path: Path) -> Path:
    """The configuration of an overlay as the pod has it, with what is secret beside it."""
    text = one(overlay, "ConfigMap")["data"]["number-monitor.yml"]
    (tmp_path / "number-monitor.yml").write_text(text, encoding="utf-8")
    for name in re.findall(r"\w+_file: (\S+)", text):
        (tmp_path / name).write_text(f"{SECRETS[name]}\n", encoding="utf-8")
    return tmp_path / "number-monitor.yml"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("directory", [*(f"overlays/{name}" for name in OVERLAYS), "monitoring", "move"])
def test_every_document_is_valid_by_kubernetes_own_schema(rendered, directory, version):
    for document in rendered(directory):
        if document["kind"] not in OPERATORS:
            kubernetes_validate.validate(document, version, strict=True)


def test_the_pod_may_do_nothing_that_it_does_not_need(overlay):
    assert (
        pod(overlay)["securityContext"].items() >= {"runAsNonRoot": True, "fsGroup": 10001, "runAsUser": 10001}.items()
    )
    assert pod(overlay)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod(overlay)["automountServiceAccountToken"] is False
    assert container(overlay)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_user_is_the_images(overlay):
    user = pod(overlay)["securityContext"]["runAsUser"]

    assert f"USER {user}:{user}\n" in DOCKERFILE


def test_it_mounts_where_the_image_reads_and_writes(overlay):
    mounts = {mount["mountPath"] for mount in container(overlay)["volumeMounts"]}

    assert mounts == {
        *re.findall(r"^WORKDIR (/etc\S+)$", DOCKERFILE, re.MULTILINE),
        *re.findall(r"^VOLUME (\S+)$", DOCKERFILE, re.MULTILINE),
    }


def test_probes_and_service_meet_at_the_port_of_the_image(overlay):
    (port,) = container(overlay)["ports"]
    asked = {container(overlay)[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")}

    assert f"EXPOSE {port['containerPort']}\n" in DOCKERFILE
    assert asked == {port["name"]}
    assert [each["targetPort"] for each in one(overlay, "Service")["spec"]["ports"]] == [port["name"]]


def test_everything_that_chooses_pods_chooses_these(overlay):
    deployment = one(overlay, "Deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"].items()

    for chosen in (
        deployment["selector"]["matchLabels"],
        one(overlay, "Service")["spec"]["selector"],
        one(overlay, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ):
        assert chosen.items() <= labels


def test_it_is_given_the_time_that_it_takes_to_stop(overlay):
    assert pod(overlay)["terminationGracePeriodSeconds"] > STOP_WITHIN


def test_the_configuration_can_be_run(configured):
    checked = CliRunner().invoke(program, ["--config", str(configured), "check"])

    assert (checked.exit_code, checked.stderr) == (0, "")


def test_the_state_is_where_the_overlay_is_named_after(request, configured, overlay):
    settings = load(configured, {"NUMBER_MONITOR_STORE_URL": OF_THE_IMAGE})
    kinds = {document["kind"] for document in overlay}
    volumes = {volume["name"]: volume for volume in pod(overlay)["volumes"]}

    if request.node.callspec.params["overlay"] == "sqlite":
        assert str(settings.store.url) == OF_THE_IMAGE
        assert (
            volumes["data"]["persistentVolumeClaim"]["claimName"]
            == one(overlay, "PersistentVolumeClaim")["metadata"]["name"]
        )
    else:
        assert settings.store.url.reveal() == SECRETS["store-url"]
        assert "emptyDir" in volumes["data"]
        assert "PersistentVolumeClaim" not in kinds


def test_one_process_has_the_volume_with_the_store(rendered):
    deployment = one(rendered("overlays/sqlite"), "Deployment")["spec"]

    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})


def test_several_processes_share_what_is_in_postgresql_and_one_is_always_there(rendered):
    documents = rendered("overlays/postgresql")
    deployment, budget = one(documents, "Deployment")["spec"], one(documents, "PodDisruptionBudget")["spec"]

    assert deployment["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    assert deployment["replicas"] > budget["minAvailable"] >= 1
    assert budget["selector"] == deployment["selector"]


def test_they_are_kept_apart_as_far_as_there_is_room(rendered):
    apart = pod(rendered("overlays/postgresql"))["topologySpreadConstraints"]

    assert {(each["topologyKey"], each["maxSkew"], each["whenUnsatisfiable"]) for each in apart} == {
        ("kubernetes.io/hostname", 1, "ScheduleAnyway"),
        ("topology.kubernetes.io/zone", 1, "ScheduleAnyway"),
    }
    assert all(
        each["labelSelector"] == one(rendered("overlays/postgresql"), "Deployment")["spec"]["selector"]
        for each in apart
    )


def test_a_process_is_called_what_its_pod_is_called(overlay):
    assert not {"hostname", "hostNetwork", "setHostnameAsFQDN"} & pod(overlay).keys()


def test_postgresql_and_pgbouncer_can_be_reached_where_they_are_needed(rendered):
    assert ports_out(rendered("overlays/postgresql")) - ports_out(rendered("overlays/sqlite")) == {5432, 6432}


def test_what_moves_the_store_takes_it_from_one_overlay_to_the_other(rendered):
    job, before = rendered("move"), rendered("overlays/sqlite")
    words = container(job, "Job")["args"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container(job, "Job")["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod(job, "Job")["volumes"]}

    assert words == ["store", "copy", f"--from={OF_THE_IMAGE}", f"--to-file={mounts['secret']}/store-url"]
    assert volumes["data"] in pod(before)["volumes"]
    assert mounts["data"] == "/data"
    for kept in ("securityContext", "automountServiceAccountToken", "enableServiceLinks"):
        assert pod(job, "Job")[kept] == pod(before)[kept]
    assert container(job, "Job")["securityContext"] == container(before)["securityContext"]
    assert container(job, "Job")["image"] == container(before)["image"]


def test_prometheus_scrapes_every_pod_of_either(rendered, overlay):
    chosen = one(rendered("monitoring"), "ServiceMonitor")["spec"]["selector"]["matchLabels"]

    assert chosen.items() <= one(overlay, "Service")["metadata"]["labels"].items()


def test_prometheus_is_told_the_jobs_of_its_own_configuration(rendered):
    monitor = one(rendered("monitoring"), "ServiceMonitor")["spec"]
    jobs = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]

    assert [
        (endpoint["relabelings"][0]["replacement"], endpoint["params"], endpoint["scrapeTimeout"])
        for endpoint in monitor["endpoints"]
    ] == [(job["job_name"], job["params"], job["scrape_timeout"]) for job in jobs]
    assert monitor["sampleLimit"] == max(job["sample_limit"] for job in jobs)


def test_the_rules_and_dashboards_are_those_of_the_sources():
    write = runpy.run_path(str(KUBERNETES / "write.py"))

    for place, text in write["written"]().items():
        assert place.read_text(encoding="utf-8") == text, f"{place.name}: run `make tables`"
