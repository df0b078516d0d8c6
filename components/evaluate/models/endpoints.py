"""What somebody serves over OpenAI's protocol as a model to be evaluated."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from components.bundles.endpoint import Endpoint, EndpointError
from components.evaluate.models.places import Place
from components.evaluate.models.spec import EndpointOrigin, ModelError, ModelSpec, parse_origin


def locate_endpoint(spec: ModelSpec) -> Place:
    """No folder, and the digest of the model's address and name: what answers there, nobody can see from here.

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
    return Place(Path(), hashlib.sha256(spec.origin.encode()).hexdigest())


def open_endpoint(spec: ModelSpec) -> Endpoint:
    """The model; no request is sent.

    Raises:
        ModelError: if the origin is no endpoint, or its key is not in the environment.
    """
    origin = parse_origin(spec.origin)
    if not isinstance(origin, EndpointOrigin):
        raise ModelError(f"layout endpoint: {spec.origin} is none; write endpoint:http://<address>/v1#<model>")
    key = os.environ.get(spec.key_env, "").strip() if spec.key_env else ""
    if spec.key_env and not key:
        raise ModelError(f"{spec.name}: the environment has no {spec.key_env}; export it, or leave key_env out")
    return Endpoint(origin.base_url, origin.model, key)
