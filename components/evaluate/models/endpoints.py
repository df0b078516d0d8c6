"""What somebody serves over OpenAI's protocol as a model to be evaluated."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from pathlib import Path

from components.bundles.endpoint import Endpoint, EndpointError
from components.evaluate.models.places import Place
from components.evaluate.models.served import look_at
from components.evaluate.models.spec import EndpointOrigin, ModelError, ModelSpec, parse_origin
from components.stages.keys import read_key

_log = logging.getLogger(__name__)


def locate_endpoint(spec: ModelSpec, run: str | None = None) -> Place:
    """No folder, and a digest of what is known of the model: with another one, all is asked anew.

    A version that params.yaml gives is believed, and so is a digest of the model's files that the server tells. Else
    nobody can see from here whether it is the model of yesterday: its answers belong to one run of the evaluation, and
    within that to a server that says and answers what it did when the run began.

    Args:
        run: as one_run names it; None: a run of its own.

    Raises:
        ModelError: if the server cannot be reached, refuses the key or does not list the model.
    """
    endpoint = open_endpoint(spec)
    try:
        listed = endpoint.models()
    except EndpointError as error:
        raise ModelError(f"{spec.name}: {error}") from None
    if endpoint.model not in listed:
        raise ModelError(f"{spec.name}: {spec.origin}: there is {', '.join(listed) or 'no model'}")
    if spec.version is not None:
        return _place(spec.origin, "version", spec.version)
    try:
        served = look_at(endpoint)
    except EndpointError as error:
        raise ModelError(f"{spec.name}: {error}") from None
    if served.digest:
        return _place(spec.origin, "digest", served.digest, served.answers)
    _log.info(
        "%s: %s does not say which weights it has, so answers are kept for this run alone; give the baseline a version "
        "to keep them for longer",
        spec.name,
        spec.origin,
    )
    return _place(spec.origin, "run", run or uuid.uuid4().hex, served.said, served.answers)


def _place(*known: object) -> Place:
    return Place(Path(), hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest())


def open_endpoint(spec: ModelSpec) -> Endpoint:
    """The model; no request is sent.

    Raises:
        ModelError: if the origin is no endpoint, or its key is not in the environment.
        BadKey: if what is there can be no key.
    """
    origin = parse_origin(spec.origin)
    if not isinstance(origin, EndpointOrigin):
        raise ModelError(f"layout endpoint: {spec.origin} is none; write endpoint:http://<address>/v1#<model>")
    key = read_key(spec.key_env) if spec.key_env else ""
    if spec.key_env and not key:
        raise ModelError(f"{spec.name}: the environment has no {spec.key_env}; export it, or leave key_env out")
    return Endpoint(origin.base_url, origin.model, key)
