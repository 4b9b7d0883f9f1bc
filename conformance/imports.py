"""What importing an adapter loads, and what it says where a package is not there: seen in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from conformance.alone import NOWHERE
from conformance.ask import Adapter, Ask
from conformance.probe import good_answer
from conformance.trace import Imports

if TYPE_CHECKING:
    from conformance.examiner import Examiner

# Packages that an adapter need not have, and what takes seconds to load.
OPTIONAL = (
    *("openai", "anthropic", "cohere", "ollama", "mistralai", "groq", "together", "replicate", "dashscope", "zhipuai"),
    *("google.genai", "google.generativeai", "google.cloud.aiplatform", "vertexai", "boto3", "botocore", "aioboto3"),
    *("azure.ai.inference", "ibm_watsonx_ai", "huggingface_hub", "litellm", "langchain", "llama_index"),
    *("torch", "transformers", "sentence_transformers", "tensorflow", "tiktoken", "pandas", "scipy", "sklearn"),
)
BROKEN = "libkit.so.7: cannot open shared object file"  # why a package cannot be loaded
PATIENCE = 60.0  # seconds for a process


@dataclass
class Found:
    """What there is to tell; `problem` says why there is nothing."""

    problem: str = ""
    imports: Imports = field(default_factory=Imports)


def look(examiner: Examiner) -> Found:
    target = examiner.subject.recipe.target
    module, name = getattr(target, "__module__", ""), getattr(target, "__qualname__", "")
    if not _is(target, module, name):
        return Found(problem="it cannot be imported by a name of its own, in a process of its own")
    recipe = examiner.subject.recipe
    given = {"base_url": NOWHERE, "api_key": "none", "model": "none", "timeout": 2.0}
    told = {
        "path": sys.path,
        "module": module,
        "name": name,
        "host": examiner.subject.driver.host,
        "arguments": {
            **{recipe.takes[what]: value for what, value in given.items() if what in recipe.takes},
            **recipe.kwargs,
        },
        "watched": OPTIONAL,
    }
    used = _used(examiner)
    try:
        running = _start({**told, "package": None})
        missing = {sdk: _start({**told, "package": sdk, "reason": ""}) for sdk in used}
        broken = {sdk: _start({**told, "package": sdk, "reason": BROKEN}) for sdk in used}
        own = _said(running)["found"]
        absent = {sdk: _said(process) for sdk, process in missing.items()}
        return Found(imports=Imports(own, used, absent, {sdk: _said(p) for sdk, p in broken.items()}))
    except (OSError, ValueError, TypeError, subprocess.TimeoutExpired) as exc:
        return Found(problem=f"its module cannot be imported in a process of its own: {exc}"[:300])


def _is(target: Any, module: str, name: str) -> bool:
    """Whether the name leads to it, in whichever process."""
    if not module or not name or module == "__main__" or "<" in name:
        return False
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is target


def _start(told: dict[str, Any]) -> subprocess.Popen[str]:
    begin = "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told['path']"
    code = f"{begin}; from conformance.alone import main; main(told)"
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code, json.dumps(told)], stdout=pipe, stderr=pipe, text=True)


def _said(process: subprocess.Popen[str]) -> Any:
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    if process.returncode:
        raise ValueError(err.strip().rpartition("\n")[2])
    return json.loads(out.strip().rpartition("\n")[2])


def _used(examiner: Examiner) -> list[str]:
    """The packages whose code runs while it is built and answers one question."""
    seen: set[str] = set()
    with examiner.bench.server.scene(good_answer) as scene, _noting(seen):
        examiner.call(Ask(), Adapter(), scene.base_url + examiner.spoken.mount, fixed=examiner.spoken.fixed)
    return [sdk for sdk in OPTIONAL if any(name == sdk or name.startswith(f"{sdk}.") for name in seen)]


@contextmanager
def _noting(seen: set[str]) -> Iterator[None]:
    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            seen.add(str(frame.f_globals.get("__name__")))

    before, of_threads = sys.getprofile(), threading.getprofile()
    sys.setprofile(note)
    threading.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(of_threads)
