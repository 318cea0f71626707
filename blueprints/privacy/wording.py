"""What the dictionary's words are called on pages, in acts and in `docs/personal-data.md`."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from app.kernel.words import _l

KIND_WORDS: dict[str, LazyString] = {
    "name": _l("names"),
    "contact": _l("contacts: phone, mail address"),
    "address": _l("address"),
    "free_text": _l("words written freely"),
    "letter": _l("texts of letters"),
    "credential": _l("what signing in needs: hashes, keys"),
    "technical": _l("technical identifiers"),
    "payment": _l("references of payments"),
}

PEOPLE_WORDS: dict[str, LazyString] = {
    "customer": _l("Customer"),
    "staff": _l("Member of staff"),
    "dealer": _l("Contact person of a dealer"),
}

PURPOSE_WORDS: dict[str, LazyString] = {
    "account": _l("to keep the customer's account"),
    "order": _l("to sell and deliver what was ordered"),
    "lead": _l("to answer a wish and serve it"),
    "payment": _l("to take money and give it back"),
    "letters": _l("to send mails about an order, a lead or an account"),
    "security": _l("to let in the right person and nobody else"),
    "work": _l("to know who of the staff works in the system"),
    "dealing": _l("to make a dealer's site and to deal with him"),
    "machines": _l("to give a program that repeats a call the same reply"),
    "requests": _l("to answer requests about personal data and prove it"),
}

BASIS_WORDS: dict[str, LazyString] = {
    "contract": _l("contract (152-FZ, art. 6, part 1, point 5)"),
    "consent": _l("consent (152-FZ, art. 6, part 1, point 1)"),
    "law": _l("duty by law (152-FZ, art. 6, part 1, point 2)"),
    "interest": _l("lawful interest (152-FZ, art. 6, part 1, point 7)"),
}

WHY_WORDS: dict[str, LazyString] = {
    "accounting": _l("source documents are kept for five years (402-FZ, art. 29)"),
    "statistics": _l("without name and contacts it is only a figure of statistics (152-FZ, art. 6, part 1, point 9)"),
    "journal": _l("a journal that could be changed would prove nothing; it names staff by number"),
    "public": _l("facts of a company that it publishes itself, needed while it deals"),
    "acts": _l("acts of destruction are kept for three years (order 179 of Roskomnadzor, point 7)"),
}

TERM_WORDS: dict[str, LazyString] = {
    "sales": _l("sales that were closed"),
    "lost_leads": _l("leads without a sale"),
    "letters": _l("mails"),
    "carts": _l("carts"),
    "sessions": _l("sign-ins that ended"),
    "applications": _l("applications that came to nothing"),
    "replies": _l("replies to programs"),
    "acts": _l("requests and acts"),
}

TABLE_WORDS: dict[str, LazyString] = {
    "staff": _l("Staff account"),
    "customers": _l("Customer account"),
    "orders": _l("Orders"),
    "own_contacts": _l("Contacts of leads"),
    "network.lead_contacts": _l("Contacts of leads handed on to dealers"),
    "network.leads": _l("Wishes of customers"),
    "network.lead_messages": _l("Messages"),
    "network.lead_events": _l("History of leads"),
    "payments": _l("Payments"),
    "carts": _l("Carts"),
    "web_sessions": _l("Sign-ins"),
    "authenticators": _l("Apps that show codes"),
    "recovery_codes": _l("Recovery codes"),
    "passkeys": _l("Passkeys"),
    "audit_log": _l("Journal of what staff did"),
    "import_runs": _l("Imports of files"),
    "network.dealer_applications": _l("Applications of dealers"),
    "network.certificates": _l("Certificates of people"),
    "network.tenants": _l("Companies of the network"),
    "mails": _l("Mails"),
    "incoming_mail": _l("Letters to the address of leads"),
    "idempotency_keys": _l("Replies to programs"),
    "personal_requests": _l("Requests about personal data"),
}

KINDS_OF_REQUEST: dict[str, LazyString] = {
    "export": _l("Wants to know what is kept"),
    "erasure": _l("Wants it destroyed"),
}

IDENTIFICATION_WORDS: dict[str, LazyString] = {
    "passport": _l("Came in person with a passport"),
    "mailbox": _l("Wrote from this mail address"),
    "signature": _l("Sent a signed letter"),
    "power": _l("A representative with a power of attorney"),
    "authority": _l("Roskomnadzor or a court asks"),
}
"""How staff made sure who asks."""

PROVED_WORDS: dict[str, LazyString] = {
    **IDENTIFICATION_WORDS,
    "password": _l("Signed in and typed the password"),
    "operator": _l("The operator of the lead asks"),
}

STATE_WORDS: dict[str, tuple[LazyString, str]] = {
    "open": (_l("Waits for an answer"), "warn"),
    "done": (_l("Done"), "good"),
    "refused": (_l("Refused"), "bad"),
}

ORIGIN_WORDS: dict[str, LazyString] = {
    "account": _l("From the customer's own account"),
    "desk": _l("Written down at the desk"),
    "network": _l("At the request of the operator of a lead"),
    "term": _l("Its time was over"),
}

REASON_WORDS: dict[str, LazyString] = {
    "asked": _l("the person withdrew the consent or asked for destruction (152-FZ, art. 21, parts 5 and 5.1)"),
    "operator": _l("the operator on whose behalf the data was handled asked for it (152-FZ, art. 6, part 3)"),
    "term": _l("the purpose was reached and the time of keeping was over (152-FZ, art. 21, part 4)"),
}
"""Why data was destroyed, as act and extract say it."""

WAY_WORDS: dict[str, LazyString] = {
    "row": _l("records deleted from the database"),
    "pseudonym": _l("values emptied or replaced by a pseudonym in the database"),
}

COLUMN_WORDS: dict[str, LazyString] = {
    "act": _l("Act of destruction"),
    "actor": _l("Who"),
    "action": _l("What"),
    "address": _l("Address"),
    "agent": _l("Browser"),
    "at": _l("When"),
    "author": _l("Author"),
    "body": _l("Text"),
    "city_id": _l("City, number in the directory"),
    "comment": _l("Comment"),
    "company": _l("Company"),
    "consent_at": _l("Consent given"),
    "contact": _l("Contact"),
    "contact_name": _l("Contact person"),
    "created_at": _l("Made"),
    "currency": _l("Currency"),
    "customer_id": _l("Number of the account"),
    "data": _l("Details"),
    "details": _l("Details"),
    "email": _l("E-mail"),
    "error": _l("What the provider said"),
    "feedback": _l("Feedback"),
    "filename": _l("File"),
    "handled_by": _l("Handled by"),
    "kind": _l("Kind"),
    "lines": _l("Goods"),
    "locale": _l("Language"),
    "name": _l("Name"),
    "number": _l("Number"),
    "ordered_at": _l("Ordered"),
    "params": _l("What the letter says"),
    "phone": _l("Phone"),
    "placed_at": _l("Placed"),
    "provider": _l("Payment provider"),
    "reason": _l("Reason"),
    "received_at": _l("Received"),
    "reference": _l("Number at the payment provider"),
    "role": _l("Role"),
    "satisfaction": _l("Satisfaction, of 5"),
    "seen_at": _l("Last seen"),
    "sent_at": _l("Sent"),
    "started_by": _l("Started by"),
    "state": _l("State"),
    "subject": _l("About"),
    "template": _l("Kind of letter"),
    "to_address": _l("To"),
    "total_minor": _l("Total, in kopecks"),
    "used_at": _l("Last used"),
}
"""What columns are called in an export."""
