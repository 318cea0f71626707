"""Identifiers: time-ordered UUIDs, and the names that tell one kind of id from another."""

from __future__ import annotations

import os
import time
import uuid
from typing import NewType

TenantId = NewType("TenantId", str)
ProductId = NewType("ProductId", int)

HQ = TenantId("t_000001")


def tenant_id(number: int) -> TenantId:
    """Schema, role and primary key of the tenant with this number, e.g. `t_000042`."""
    return TenantId(f"t_{number:06d}")


def tenant_number(tenant_id: str) -> int:
    """The number in a tenant's id: 42 of `t_000042`."""
    return int(tenant_id.removeprefix("t_"))


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, then chance; neighbours in time, neighbours in an index."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | (0x7 << 76) | (int.from_bytes(os.urandom(2)) & 0xFFF) << 64
    value |= (0b10 << 62) | (int.from_bytes(os.urandom(8)) & ((1 << 62) - 1))
    return uuid.UUID(int=value)
