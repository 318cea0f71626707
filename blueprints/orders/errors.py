"""Refusals of orders, each a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.errors import NotFound, Refused
from app.kernel.words import _


class NoSuchOrder(NotFound):
    """The order is unknown here."""

    def __init__(self) -> None:
        super().__init__(_("There is no such order on this site."))


class NoStock(Refused):
    """Some lines cannot be served now; `left` says how many there are of each such product (None: none near)."""

    def __init__(self, left: Mapping[int, int]) -> None:
        super().__init__(_("Some goods are no longer in stock in this quantity. Change the cart and try again."))
        self.left = dict(left)


class NoSuchPayment(NotFound):
    """The provider speaks of a charge that is not ours."""

    def __init__(self) -> None:
        super().__init__(_("There is no such payment on this site."))


class NotPayable(Refused):
    """The order is paid already, was cancelled, or is paid on delivery."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to pay for this order now."))


class NotRefundable(Refused):
    """No money of this payment is here that nobody asked for."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to return of this payment."))


class PaymentPending(Refused):
    """An earlier try is still with the bank."""

    def __init__(self) -> None:
        super().__init__(_("Your bank is still working on the payment. Wait a minute and look again."))


class TooLate(Refused):
    """The order cannot be cancelled by the customer any more."""

    def __init__(self) -> None:
        super().__init__(
            _("The order is already being prepared or is on its way. Write to the seller to cancel it.")
        )
