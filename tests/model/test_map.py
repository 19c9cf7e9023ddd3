"""The maps from the model to the product name functions that are there."""

import importlib
import re

import cloud_half
import file_half
import pytest

ROW = re.compile(r"^\| .+ \| (?P<product>.+:.+) \|$", re.MULTILINE)


def named_functions(half):
    """Each `module:name` of a map; a name alone lies in the module before it."""
    for row in ROW.finditer(half.__doc__):
        module = ""
        for word in row["product"].split(", "):
            before, _, name = word.rpartition(":")
            module = before or module
            yield module, name


@pytest.mark.parametrize("half", [cloud_half, file_half], ids=["cloud", "files"])
def test_the_map_names_functions_that_are_there(half):
    """A step's function that is renamed or gone is missed here, where its move is."""
    functions = list(named_functions(half))

    assert len(functions) > 10
    for module, name in functions:
        found = importlib.import_module(f"hotpress.{module.replace('/', '.')}")
        for part in name.split("."):
            assert hasattr(found, part), f"{module}:{name}"
            found = getattr(found, part)
