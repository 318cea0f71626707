"""What each handler was to do, and what became of it, in words for people."""

from __future__ import annotations

import re

from flask_babel.speaklater import LazyString

from app.kernel.dead_letters import LOST
from app.kernel.words import _, _l, ngettext

LOSSES = re.compile(rf"{LOST}\D+(\d+)")

TASKS: dict[str, LazyString] = {
    "app.web.mail.send": _l("Send a mail"),
    "app.worker.forget_done": _l("Clear away tasks done long ago"),
    "blueprints.analytics.jobs.count_days": _l("Count the figures of the days"),
    "blueprints.catalog.subscribers.fold_stock_history": _l("Fold the history of stock of long ago"),
    "blueprints.catalog.subscribers.forget_files": _l("Clear away files taken in long ago"),
    "blueprints.catalog.subscribers.show_prices": _l("Let routing know a dealer's prices"),
    "blueprints.catalog.subscribers.take_in": _l("Take in a file with goods, prices or stock"),
    "blueprints.integrations.api.keeping.forget_replies": _l("Clear away old replies of the API"),
    "blueprints.integrations.webhooks.subscribers.find_listeners": _l("Find the addresses that want to hear of it"),
    "blueprints.integrations.webhooks.subscribers.forget_calls": _l("Clear away calls to other systems made long ago"),
    "blueprints.integrations.webhooks.subscribers.make_call": _l("Call another system"),
    "blueprints.integrations.webhooks.subscribers.note_call": _l("Write down a call to another system"),
    "blueprints.leads.jobs.ask_customers": _l("Ask customers how it went"),
    "blueprints.leads.subscribers.mail_accepted": _l("Tell the customer who serves him"),
    "blueprints.leads.subscribers.mail_delay": _l("Tell the customer that it takes longer"),
    "blueprints.leads.subscribers.mail_delivered": _l("Ask the customer whether the goods came"),
    "blueprints.leads.subscribers.mail_escalation": _l("Tell HQ that no dealer took a lead"),
    "blueprints.leads.subscribers.mail_expired": _l("Tell the dealer that his time for a lead is over"),
    "blueprints.leads.subscribers.mail_given": _l("Tell the dealer that a lead is his"),
    "blueprints.leads.subscribers.mail_how_it_went": _l("Ask the customer how it went"),
    "blueprints.leads.subscribers.mail_looking": _l("Tell the customer that another dealer is being looked for"),
    "blueprints.leads.subscribers.mail_message": _l("Pass a message of a lead on by mail"),
    "blueprints.leads.subscribers.mail_news_asked": _l("Ask the dealer what became of his leads"),
    "blueprints.leads.subscribers.mail_offer": _l("Tell the dealer about an offered lead"),
    "blueprints.leads.subscribers.mail_own_lead": _l("Tell the seller about a new lead"),
    "blueprints.leads.subscribers.mail_question": _l("Ask the dealer what is true of a lead"),
    "blueprints.leads.subscribers.mail_reminder": _l("Remind the dealer of an offered lead"),
    "blueprints.leads.subscribers.mail_shipped": _l("Tell the customer that the goods are on their way"),
    "blueprints.leads.subscribers.mail_split": _l("Tell the customer that his order comes in parcels"),
    "blueprints.leads.subscribers.mail_withdrawn": _l("Tell the dealer that he need not answer any more"),
    "blueprints.leads.subscribers.release_stock": _l("Free the stock of a lost lead"),
    "blueprints.leads.subscribers.release_stock_of_joined": _l("Free the stock of a lead joined to another"),
    "blueprints.leads.subscribers.ship_received": _l("Take delivered goods off the stock"),
    "blueprints.leads.subscribers.ship_supplied": _l("Take what HQ sent to a pick-up point off its stock"),
    "blueprints.leads.subscribers.ship_supplied_at_last": _l("Take what HQ sent to a pick-up point off its stock"),
    "blueprints.leads.subscribers.take_table_in": _l("Make leads of the rows of a table"),
    "blueprints.orders.subscribers.end_order": _l("Cancel the order of a lost lead"),
    "blueprints.orders.subscribers.end_unreal_order": _l("Cancel the order of an invalid lead"),
    "blueprints.orders.subscribers.give_money_back": _l("Give money back to the customer"),
    "blueprints.orders.subscribers.look_after_payment": _l("Look after a payment by card"),
    "blueprints.orders.subscribers.settle_told": _l("Take over what the bank says of a payment"),
    "blueprints.privacy.retention.end_terms": _l("End the terms of personal data"),
    "blueprints.privacy.subscribers.erase_copies": _l("Destroy a dealer's copies of a person's data"),
    "blueprints.routing.following.ask_for_news": _l("Ask dealers who owe news"),
    "blueprints.routing.jobs.expire_offers": _l("End offers whose time is over"),
    "blueprints.routing.jobs.forget_ratings": _l("Clear away ratings of long ago"),
    "blueprints.routing.jobs.place_waiting": _l("Place leads that waited for each other"),
    "blueprints.routing.jobs.refresh_ratings": _l("Reckon dealers' ratings anew"),
    "blueprints.routing.jobs.send_reminders": _l("Send reminders of offered leads"),
    "blueprints.routing.rehearsal.jobs.take_up": _l("Begin a rehearsal of rules"),
    "blueprints.routing.subscribers.assign": _l("Hand a lead to the dealer HQ named"),
    "blueprints.routing.subscribers.hand_over": _l("Offer a lead to whom a dealer handed it"),
    "blueprints.routing.subscribers.leave_closed": _l("Take leads back from a dealer who left"),
    "blueprints.routing.subscribers.leave_suspended": _l("Take leads back from a suspended dealer"),
    "blueprints.routing.subscribers.move_on": _l("Offer a declined lead to the next dealer"),
    "blueprints.routing.subscribers.move_on_after_silence": _l("Offer a lead nobody answered to the next dealer"),
    "blueprints.routing.subscribers.move_on_without_him": _l("Offer a lead to the next dealer"),
    "blueprints.routing.subscribers.place": _l("Find a dealer for a new lead"),
    "blueprints.routing.subscribers.rate_after_decision": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_delivery": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_feedback": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_loss": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_no_request": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_refusal": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_reopening": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_sale": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.rate_after_silence": _l("Reckon the dealer's rating"),
    "blueprints.routing.subscribers.recycle": _l("Send a lead through routing again"),
    "blueprints.routing.subscribers.tell_slower": _l("Withdraw the offers of those who were slower"),
    "blueprints.sites.subscribers.make_site": _l("Make a dealer's site"),
    "blueprints.sites.subscribers.tell_approved": _l("Tell the dealer that his site is open"),
    "blueprints.sites.subscribers.tell_closed": _l("Tell the dealer that the work with him has ended"),
    "blueprints.sites.subscribers.tell_refused": _l("Tell the dealer that his site was refused"),
    "blueprints.sites.subscribers.tell_resumed": _l("Tell the dealer that his site is open again"),
    "blueprints.sites.subscribers.tell_suspended": _l("Tell the dealer that his site is suspended"),
    "blueprints.sites.subscribers.welcome": _l("Welcome a new dealer"),
}

ACTS: dict[str, tuple[LazyString, str]] = {
    "died": (_l("Given up after its tries"), "bad"),
    "replayed": (_l("Sent again"), "info"),
    "set_aside": (_l("Set aside"), ""),
}

STATES: dict[str, tuple[LazyString, str | None]] = {
    "dead": (_l("Waits for a decision"), "bad"),
    "set_aside": (_l("Set aside"), None),
    "queued": (_l("On its way again"), "info"),
    "done": (_l("Done"), "good"),
}

RECORDS: dict[str, LazyString] = {
    "tenant_id": _l("In whose name"),
    "owner_id": _l("Owner"),
    "dealer_id": _l("Dealer"),
    "reader_id": _l("Reader"),
    "payee_id": _l("Payee"),
    "lead_id": _l("Lead"),
    "order_id": _l("Order"),
    "payment_id": _l("Payment"),
    "mail_id": _l("Letter"),
    "application_id": _l("Application"),
    "message_id": _l("Message"),
    "run_id": _l("File taken in"),
}


def task(handler: str) -> str:
    """What the handler was to do."""
    return str(TASKS.get(handler, handler))


def reason(error: str | None) -> str:
    """Why it failed, as it was noted; a process that was lost in the reader's language."""
    lost = LOSSES.match(error or "")
    if lost:
        return ngettext(
            "The worker's process ended %(num)s time", "The worker's process ended %(num)s times", int(lost[1])
        )
    return error or _("No reason was noted")
