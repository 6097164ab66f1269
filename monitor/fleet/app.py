"""What the configuration says of an app: who it is and how it wants to be treated."""

import msgspec


class App(msgspec.Struct, frozen=True, gc=False):
    """One appkey of an account, as the roster lists it; with a changed label it is another value."""

    account: str  #: the account's name, the metrics' label `account`
    appkey: str
    name: str = ""  #: `app_name`; empty when the roster gives none
    interval_ms: int | None = None  #: its own poll interval; None takes the account's
    labels: tuple[tuple[str, str], ...] = ()  #: sorted by name; without the `label_` prefix of the metrics

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the app everywhere: (account, appkey)."""
        return (self.account, self.appkey)
