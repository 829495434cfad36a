"""compare.sh --processes, as far as nothing has to be measured: counters added up, command lines, and what is planned."""
import json

import pytest

import counters

ONE = {"server": "nio_server", "notes": None, "accepted": 3, "messages": None, "closed": {"peer": 2, "reset": 1}}
OTHER = {"server": "nio_server", "notes": None, "accepted": 40, "messages": None, "closed": {"peer": 40, "reset": 0}}


def test_counters_are_added_up_at_every_depth():
    assert json.loads(counters.summed([json.dumps(ONE), json.dumps(OTHER), json.dumps(OTHER)])) == {
        "server": "nio_server", "notes": None, "accepted": 83, "messages": None, "closed": {"peer": 82, "reset": 1}}


@pytest.mark.parametrize("text", ["{", "", None, '{"accepted": 3}'])
def test_the_only_process_left_what_it_left(text):
    assert counters.summed([text]) == text


@pytest.mark.parametrize("text", ["{", "", None, "[]", "7", '{"accepted": 3}', '{"accepted": {}}',
                                  json.dumps(ONE | {"closed": 3})])
def test_half_of_the_counters_are_none(text):
    """One process left none, or something else."""
    assert counters.summed([json.dumps(ONE), text]) is None
