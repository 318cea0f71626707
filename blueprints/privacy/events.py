"""What happens to personal data. `tenant_id` is the operator."""

from __future__ import annotations

from app.kernel.events import event


@event
class PersonErased:
    """The operator erased the person behind these leads of his; `dealer_id` served them and has copies to erase."""

    tenant_id: str
    dealer_id: str
    lead_ids: list[str]
