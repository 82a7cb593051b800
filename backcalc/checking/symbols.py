"""The verdict on an answer that is a formula."""

from __future__ import annotations

