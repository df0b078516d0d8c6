"""Which connectors there are, by the name that a configuration gives."""

from __future__ import annotations

from .c_abstractor import CAbstractorConnector
from .configuration import KoreanVlmConfig
from .connector import Connector, WrongConnector
from .ldpv2 import Ldpv2Connector
from .mlp2x_gelu import Mlp2xGeluConnector

CONNECTORS: dict[str, type[Connector]] = {
    "ldpv2": Ldpv2Connector,
    "c-abstractor": CAbstractorConnector,
    "mlp2x_gelu": Mlp2xGeluConnector,
}


def connector_class(config: KoreanVlmConfig) -> type[Connector]:
    """The class that ``config.connector`` names.

    Raises:
        WrongConnector: if there is none, naming those that there are.
    """
    if config.connector not in CONNECTORS:
        raise WrongConnector(f"connector is {config.connector!r}; there are: {', '.join(CONNECTORS)}")
    return CONNECTORS[config.connector]


def check_grid(config: KoreanVlmConfig) -> None:
    """Compare the grid of image tokens with what the connector can make of the image encoder's patches.

    Raises:
        WrongConnector: naming the key of params.yaml, the number found and those allowed.
    """
    patches = config.patches_per_side
    allowed = connector_class(config).grids(patches)
    if config.image_tokens_per_side not in allowed:
        numbers = str(allowed[0]) if len(allowed) == 1 else f"{allowed[0]} to {allowed[-1]}"
        raise WrongConnector(
            f"model.image_tokens_per_side is {config.image_tokens_per_side}: connector {config.connector} "
            f"on {patches} x {patches} patches allows {numbers}"
        )
