"""Numbers of rows in the database, each a type of its own, so that one is not taken for another."""

from __future__ import annotations

from typing import NewType

ArticleId = NewType("ArticleId", int)
SourceId = NewType("SourceId", int)
EntryId = NewType("EntryId", int)
DevelopmentId = NewType("DevelopmentId", int)
AlertId = NewType("AlertId", int)
DeliveryId = NewType("DeliveryId", int)
