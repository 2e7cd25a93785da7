"""What a simple method reaches, asked over REST."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.playground import Playground


def asked(playground: Playground, dataset: dict[str, Any], **training: Any) -> Any:
    answer = playground.client.post("/networks/baseline", json={"dataset": dataset, "training": training})
    return answer.raise_for_status().json()["baseline"]


def test_texts_have_a_bag_of_words_and_points_nothing(playground: Playground) -> None:
    found = asked(playground, {"op": "headlines", "samples": 400})
    assert found["title"] == {"en": "Bag of words", "zh": "词袋模型"}
    assert 0.3 < found["metrics"]["accuracy"] < 1
    assert asked(playground, {"op": "writing"})["metrics"]["loss"] > 0
    assert asked(playground, {"op": "spiral"}) is None


@pytest.mark.parametrize("op", ["thucnews"])
def test_data_that_is_not_here_is_told(playground: Playground, op: str) -> None:
    answer = playground.client.post("/networks/baseline", json={"dataset": {"op": op}})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "missing_data"
