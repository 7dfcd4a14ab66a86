from __future__ import annotations

import pytest

from tweetfocus.sources.source import Source

from .made_source import MadeSource
from .source_contract import SourceContract


class TestMadeSource(SourceContract):
    @pytest.fixture(params=[1, 3, 100], ids=lambda size: f"pages of {size}")
    def source(self, request: pytest.FixtureRequest) -> Source:
        return MadeSource(page=request.param)

    def nobody(self, owner: object) -> str:
        return "999"
