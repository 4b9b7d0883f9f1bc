from conformance.commands import Commands


def add(commands: Commands) -> None: ...
