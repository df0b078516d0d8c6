"""The files that clusters and compose read: they parse, and say what they must."""

import re
from pathlib import Path
from string import Template
from typing import Any

import ray
from ray.autoscaler._private.util import prepare_config, validate_config
from ruamel.yaml import YAML

INFRA = Path(__file__).resolve().parents[2] / "infra"


def parse(text: str) -> Any:
    return YAML(typ="safe").load(text)


def rayjob() -> Any:
    text = (INFRA / "kuberay" / "rayjob.yaml").read_text(encoding="utf-8")
    values = {"name": "pretrain-1", "stage": "pretrain", "image": "r/pretrain:1", "workers": "2", "gpus": "1"}
    return parse(Template(text).substitute(values))


def test_the_rayjob_runs_one_stage_in_its_image_and_ends() -> None:
    job = rayjob()
    assert (job["apiVersion"], job["kind"], job["metadata"]["name"]) == ("ray.io/v1", "RayJob", "pretrain-1")
    spec = job["spec"]
    assert spec["entrypoint"] == "run-stage pretrain"
    assert spec["backoffLimit"] > 0
    assert spec["activeDeadlineSeconds"] > 0
    assert spec["shutdownAfterJobFinishes"] is True
    cluster = spec["rayClusterSpec"]
    assert cluster["rayVersion"] == ray.__version__
    assert cluster["authOptions"] == {"mode": "token"}
    workers = cluster["workerGroupSpecs"][0]
    assert workers["replicas"] == workers["maxReplicas"] == 2
    for pod in (cluster["headGroupSpec"]["template"], workers["template"]):
        (container,) = pod["spec"]["containers"]
        assert container["image"] == "r/pretrain:1"
        assert container["envFrom"] == [{"secretRef": {"name": "small-korean-vlm"}}]


def test_the_rayjob_mounts_the_pipelines_files_and_shares_the_results() -> None:
    cluster = rayjob()["spec"]["rayClusterSpec"]
    head = cluster["headGroupSpec"]["template"]["spec"]
    worker = cluster["workerGroupSpecs"][0]["template"]["spec"]
    assert {"name": "pipeline", "configMap": {"name": "pretrain-1"}} in head["volumes"]
    for pod in (head, worker):
        mounts = pod["containers"][0]["volumeMounts"]
        assert {mount["name"] for mount in mounts} == {volume["name"] for volume in pod["volumes"]}
        assert {"/app/artifacts", "/app/scratch"} <= {mount["mountPath"] for mount in mounts}
    first = head["containers"][0]["volumeMounts"][0]
    assert first["mountPath"] in (INFRA / "images" / "run-stage").read_text(encoding="utf-8")


def test_ray_accepts_the_cluster_file() -> None:
    config = parse((INFRA / "ray" / "cluster.yaml").read_text(encoding="utf-8"))
    validate_config(prepare_config(config))
    for commands in (config["head_start_ray_commands"], config["worker_start_ray_commands"]):
        assert any("RAY_AUTH_MODE=token ray start" in command for command in commands)


def test_compose_keeps_its_ports_and_secrets_to_itself() -> None:
    text = (INFRA / "compose.yaml").read_text(encoding="utf-8")
    services = parse(text)["services"]
    assert set(services) == {"postgres", "server", "store", "worker"}
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert set(service.get("depends_on", {})) <= set(services)
    for name in ("POSTGRES_PASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert f"${{{name}:?" in text, f"{name} must be asked for, without a default"
    assert not re.search(r"(PASSWORD|SECRET_ACCESS_KEY): (?!\$\{)\S", text)


def test_keys_for_compose_stay_out_of_git() -> None:
    assert "infra/.env (git-ignored)" in (INFRA / "compose.yaml").read_text(encoding="utf-8")
    assert "/infra/.env" in (INFRA.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
