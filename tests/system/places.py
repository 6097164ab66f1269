"""Every place where people read, on the loopback: a mail server, and receivers that answer as robots and a pager do."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from tests.delivery.mailserver import MailServer
from tests.delivery.receiver import Receiver, answer
from tests.delivery.robots import said

PLENTY = 100  # answers; more than any test asks for
SECRET = "SEChunter2-signing"

OK = {
    "slack": answer("200 OK", body=b"ok"),
    "dingtalk": said(errcode=0, errmsg="ok"),
    "feishu": said(code=0, msg="success"),
    "lark": said(code=0, msg="success"),
    "wecom": said(errcode=0, errmsg="ok"),
    "pagerduty": answer("202 Accepted", body=b'{"status":"success","message":"Event processed"}'),
    "alertmanager": answer("200 OK"),
    "webhook": answer("204 No Content"),
    "apprise": answer("200 OK"),
}


class Places:
    """`async with Places() as places`; each takes what comes unless it is told otherwise."""

    def __init__(self) -> None:
        self.mail = MailServer()
        self._receivers = {kind: Receiver() for kind in OK}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self.mail)
        for kind, receiver in self._receivers.items():
            await self._open.enter_async_context(receiver)
            receiver.plan(*[OK[kind]] * PLENTY)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def __getitem__(self, kind: str) -> Receiver:
        return self._receivers[kind]

    def answers(self, kind: str, *answers: bytes) -> None:
        """These first, then success."""
        self[kind].recover()
        self[kind].plan(*answers, *[OK[kind]] * PLENTY)

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """What was posted there, successful or not."""
        return [request.event for request in self[kind].requests]

    def sink(self, kind: str, **more: Any) -> dict[str, Any]:
        """The configuration of a sink of this type, whose name is its type."""
        return {"name": kind, "type": kind, **self._way(kind), **more}

    def _way(self, kind: str) -> dict[str, Any]:
        match kind:
            case "email":
                mailbox = {"from": "Numbers <numbers@example.com>", "to": "ops@example.com"}
                return {"host": "127.0.0.1", "port": self.mail.port, "tls": "none", **mailbox}
            case "pagerduty":
                return {"routing_key": "a" * 32, "base_url": self._origin(kind)}
            case "alertmanager":
                return {"urls": [self._origin(kind)]}
            case "apprise":
                return {"url": f"json://127.0.0.1:{self[kind].port}/hunter2-path"}
            case "dingtalk" | "feishu" | "lark":
                return {"url": self[kind].url, "secret": SECRET}
        return {"url": self[kind].url}

    def _origin(self, kind: str) -> str:
        return f"http://127.0.0.1:{self[kind].port}"
