"""JSON reports as they were written by `--conformance-report`, here or elsewhere, now or long ago."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from conformance import __version__
from conformance.report.footer import digest
from conformance.report.model import Report


class NotAReport(Exception):
    """The file cannot be used; one sentence that names it."""


def read(path: Path) -> Report:
    """Raises `NotAReport`."""
    try:
        report = Report.model_validate_json(path.read_bytes())
    except OSError as exc:
        raise NotAReport(f"{path} cannot be read: {exc.strerror or exc}") from None
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = f"{where}: {first['msg']}" if where else first["msg"]
        raise NotAReport(
            f"{path} is no report that this kit ({__version__}) can read: {said}; "
            "reports are written by `pytest --provider=… --conformance-report=PATH`"
        ) from None
    if digest(report.providers) != report.footer.sha256:
        raise NotAReport(f"{path} was changed after it was written: its verdicts are not those of its footer's hash")
    return report
