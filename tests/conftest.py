"""Where fixtures come from; each family is a plugin of its own."""

pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.application",
    "tests.plugins.browser",
]
