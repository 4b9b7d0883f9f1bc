"""LiteLLM: the router of the package itself, with one deployment, one fallback and two retries.

What it does not try again goes to the fallback, whatever it is; what it cools down is left out for a while.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from conformance.trace import Decision, Failure

BY = "litellm.Router"
_LONG = 5.0  # seconds from which on it is a wait that the provider asked for, and no pause of the router's own
_MODEL = {
    "model_name": "first",
    "litellm_params": {"model": "openai/kit", "api_key": "none"},
    "model_info": {"id": "1"},
}
_OTHER = {
    "model_name": "other",
    "litellm_params": {"model": "openai/kit", "api_key": "none"},
    "model_info": {"id": "2"},
}
_FALLBACKS = [{"first": ["other"]}]


def decide(exc: BaseException | None, failure: Failure) -> Decision:
    if not isinstance(exc, Exception):
        return Decision("stop", "it is no Exception", by=BY)
    router, told = _router(), [_MODEL]
    try:
        router.should_retry_this_error(
            error=exc, healthy_deployments=told, all_deployments=told, regular_fallbacks=_FALLBACKS
        )
    except Exception:
        return Decision("skip" if _left_out(router, exc) else "next", failure.type, by=BY)
    seconds = router._time_to_sleep_before_retry(exc, 2, 2, healthy_deployments=told, all_deployments=told)
    limited = getattr(exc, "status_code", None) == 429
    return Decision("wait" if limited or seconds >= _LONG else "retry", failure.type, float(seconds), by=BY)


def _left_out(router: Any, exc: Exception) -> bool:
    handlers: Any = import_module("litellm.router_utils.cooldown_handlers")
    status = getattr(exc, "status_code", None)
    return status is not None and bool(handlers._is_cooldown_required(router, "1", status, str(exc)))


@cache
def _router() -> Any:
    return import_module("litellm").Router(model_list=[_MODEL, _OTHER], fallbacks=_FALLBACKS, num_retries=2)
