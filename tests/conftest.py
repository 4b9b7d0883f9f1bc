"""For all tests: `pytester`, which runs pytest on a project of its own."""

pytest_plugins = ["pytester"]
