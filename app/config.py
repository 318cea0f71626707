"""All settings in one place: read from `ZVENO_*` once, validated, frozen.

Bad settings end the start with a sentence that names the variable.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(SystemExit):
    """A setting cannot be taken; the process ends with the sentence and status 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(2)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know of its surroundings. Addresses are URLs, times seconds."""

    database_web: str
    """Login that may become tenants, directory and HQ; owns nothing."""
    database_worker: str
    """Login that may become tenants and the network's worker."""
    database_owner: str
    """Login of migrations and provisioning; empty where a process must not hold it."""
    queue: str
    secret_key: str
    database_pooled: bool = False
    """The logins of web and worker reach PostgreSQL by PgBouncer in transaction mode; the owner's never does."""
    data_keys: str = ""
    """Keys that seal secrets in the database, newest first, parted by commas; while there are none, the secret key."""
    site_domain: str = "localhost"
    """Tenants live at <slug>.<site_domain>."""
    site_port: int = 8000
    site_scheme: str = "http"
    data_dir: str = ".zveno"
    trusted_proxies: int = 0
    smtp: str = "smtp://127.0.0.1:1025"
    mail_from: str = "no-reply@localhost"
    mail_in: str = "127.0.0.1:2525"
    """Where `zveno mail-in` takes letters to leads@… in; a mail server on this machine relays them there."""
    stripe_secret_key: str = ""
    stripe_publishable_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api: str = "https://api.stripe.com"
    stripe_js: str = "https://js.stripe.com/v3/"
    approve_dealers: bool = False
    """Dealers' sites wait for HQ's approval instead of going live at once."""
    ask_dealer_days: int = 2
    """Working days without news after which a dealer is asked what became of a lead in his hands.

    HQ may set this and all that follow about asking at its desk (`blueprints/leads/terms.py`).
    """
    ask_dealer_again_days: int = 7
    ask_dealer_most: int = 3
    digest_above: int = 3
    """With more leads in hand than this a dealer gets one letter about all of them."""
    ask_customer_days: int = 5
    """Days after a dealer took a lead without an order until its customer is asked how it went."""
    ask_customer_of_order_days: int = 14
    """The same for an order whose dealer has not told of its delivery."""
    ask_customer_after_promise_days: int = 3
    """The same where the customer was promised a day for his goods: so many days after it."""
    ask_customer_again_days: int = 7
    """How long a customer who does not answer is left in peace; then he is asked once more, and never again."""
    map_tiles: str = ""
    """Address of the tiles maps lie on, `https://…/{z}/{x}/{y}.png`; empty: maps show the world of our own host."""
    map_credit: str = ""
    """Whom the tiles are from, as their licence asks to be told on the map."""
    webhooks_private: bool = False
    """Webhooks may go to private addresses and without TLS: for demos and tests on one machine, never in the open."""
    keep_pages_seconds: int = 10
    """How long a visitors' page may be shown again to strangers; 0 makes each page anew."""
    keep_replies_days: int = 14
    """How long the reply to a call of the API is kept for being repeated with its `Idempotency-Key`."""
    keep_sales_days: int = 1827
    """Contacts of orders and leads that ended in a sale; the years of accounting. See `docs/personal-data.md`."""
    keep_lost_leads_days: int = 365
    keep_letters_days: int = 90
    keep_carts_days: int = 90
    keep_sessions_days: int = 7
    keep_applications_days: int = 180
    keep_acts_days: int = 1096
    """Acts of destruction; the law asks for three years at least."""
    metrics_dir: str = ""
    """Where the processes of this machine share their numbers, for `zveno metrics`; empty: nobody looks at them."""
    metrics_token: str = ""
    """What a Prometheus has to show at the door of `zveno metrics`; needed where it is not on this machine."""
    traces: str = ""
    """Address of an OpenTelemetry collector that takes OTLP over HTTP; empty: nothing is traced."""
    traces_percent: int = 100
    debug: bool = False
    argon2_memory_kib: int = 19456
    argon2_time: int = 2

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """Keys that open what is sealed; the first one seals. What the secret key sealed once stays open."""
        return (*filter(None, (key.strip() for key in self.data_keys.split(","))), self.secret_key)

    @property
    def site_authority(self) -> str:
        """Port part of public addresses: `:8000`, or nothing where it is the scheme's own."""
        standard = {"http": 80, "https": 443}[self.site_scheme]
        return "" if self.site_port == standard else f":{self.site_port}"

    @property
    def media_dir(self) -> Path:
        """Folder of uploaded and drawn files, one sub-folder a tenant."""
        return Path(self.data_dir).resolve() / "media"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment, or `BadSetting` with a sentence."""
    values: dict[str, object] = {}
    for field in fields(Settings):
        raw = environ.get(f"ZVENO_{field.name.upper()}")
        if raw is not None:
            values[field.name] = _convert(field.name, raw, str(field.type))
    missing = [name for name in ("database_web", "database_worker", "queue", "secret_key") if not values.get(name)]
    if missing:
        names = ", ".join(f"ZVENO_{name.upper()}" for name in missing)
        raise BadSetting(f"Set {names}, or run `make demo`, which brings its own database and queue.")
    values.setdefault("database_owner", "")
    settings = Settings(**values)  # type: ignore[arg-type]
    _validate(settings)
    return settings


def environment(settings: Settings) -> dict[str, str]:
    """The settings as variables for a child process."""
    return {
        f"ZVENO_{field.name.upper()}": _text(getattr(settings, field.name))
        for field in fields(settings)
    }


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _convert(name: str, raw: str, kind: str) -> object:
    if kind == "int":
        if not raw.isdigit():
            raise BadSetting(f"ZVENO_{name.upper()} must be a whole number, not {raw!r}.")
        return int(raw)
    if kind == "bool":
        if raw.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise BadSetting(f"ZVENO_{name.upper()} must be 1 or 0, not {raw!r}.")
        return raw.lower() in {"1", "true", "yes"}
    return raw


def _validate(settings: Settings) -> None:
    if len(settings.secret_key) < 32:
        raise BadSetting("ZVENO_SECRET_KEY must have at least 32 characters.")
    if any(len(key) < 32 for key in settings.sealing_keys):
        raise BadSetting("Each of ZVENO_DATA_KEYS must have at least 32 characters.")
    if settings.site_scheme not in {"http", "https"}:
        raise BadSetting("ZVENO_SITE_SCHEME must be http or https.")
    if not 0 < settings.site_port < 65536:
        raise BadSetting("ZVENO_SITE_PORT must lie between 1 and 65535.")
    for name in ("database_web", "database_worker", "database_owner"):
        address = getattr(settings, name)
        if address and not urlsplit(address).scheme.startswith("postgresql"):
            raise BadSetting(f"ZVENO_{name.upper()} must be a postgresql:// address.")
    host, _colon, port = settings.mail_in.rpartition(":")
    if not port.isdigit() or host not in ("127.0.0.1", "localhost", "[::1]"):
        raise BadSetting("ZVENO_MAIL_IN must be an address of this machine, such as 127.0.0.1:2525.")
    if settings.traces and urlsplit(settings.traces).scheme not in {"http", "https"}:
        raise BadSetting("ZVENO_TRACES must be an http:// or https:// address.")
    if settings.map_tiles and not _are_tiles(settings.map_tiles):
        raise BadSetting("ZVENO_MAP_TILES must be an https:// address with {z}, {x} and {y} in its path.")
    if settings.traces_percent > 100:
        raise BadSetting("ZVENO_TRACES_PERCENT must lie between 0 and 100.")
    if urlsplit(settings.queue).scheme not in {"redis", "rediss", "unix", "valkey"}:
        raise BadSetting("ZVENO_QUEUE must be a redis:// address.")


def _are_tiles(address: str) -> bool:
    parts = urlsplit(address)
    is_quiet = not any(sign in parts.netloc for sign in " ;,'\"")
    return parts.scheme == "https" and bool(parts.netloc) and is_quiet and all(
        place in parts.path for place in ("{z}", "{x}", "{y}")
    )
