"""For tests: virtual time, a model that says what it is told to, and the suites that surfaces and providers must pass.

The names are loaded when they are first used, since pytest imports this package wherever telex is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telex.testing.clock import Clock as Clock
    from telex.testing.model import ScriptedModel as ScriptedModel
    from telex.testing.model_side import ModelSide as ModelSide
    from telex.testing.place import Place as Place
    from telex.testing.provider_suite import ProviderSuite as ProviderSuite
    from telex.testing.surface_suite import SurfaceSuite as SurfaceSuite

_NAMES = {
    "Clock": "clock",
    "ModelSide": "model_side",
    "Place": "place",
    "ProviderSuite": "provider_suite",
    "ScriptedModel": "model",
    "SurfaceSuite": "surface_suite",
}

__all__ = ["Clock", "ModelSide", "Place", "ProviderSuite", "ScriptedModel", "SurfaceSuite"]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'telex.testing' has no attribute {name!r}")
    return getattr(import_module(f"telex.testing.{_NAMES[name]}"), name)
