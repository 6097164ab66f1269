"""
What a daemon that was killed again and again must have left behind: rules over what the vendor answered, what the
store holds, and what arrived.

Pure.  Each rule returns a line for everything that is not as it must be.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

Number = tuple[str, str, str]  #: account, appkey, number
States = Mapping[str, Mapping[str, str]]  #: by number, the attributes that change: word by name

ATTRIBUTES = ("verified_name", "quality_rating")
HEALTHY = "GREEN"
BAD = frozenset({"YELLOW", "RED"})


class Answered(NamedTuple):
    """One answer of the vendor."""

    account: str
    appkey: str
    life: int  #: of the daemon that asked
    states: States
    at: float = 0.0  #: seconds since 1970


#: Of an app's answers in order, and what one attribute of a number was in each: whether each is certain to be believed.
Certain = Callable[[Sequence[Answered], Sequence[str]], Sequence[bool]]


class Recorded(NamedTuple):
    """One event in the store."""

    sequence: int
    id: str
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The CloudEvent."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


class Attempt(NamedTuple):
    """One call at a receiver for programs."""

    id: str
    body: bytes
    taken: bool  #: answered with success


class Mention(NamedTuple):
    """What a message that people have says of a number."""

    account: str
    number: str
    says: str  #: `is RED`


def asked_again(answers: Sequence[Answered], _words: Sequence[str]) -> list[bool]:
    """
    An answer is seen for certain when the same daemon asked for the app again.

    An app is polled one call at a time, and the next is made when what the last one tells is recorded.  Of the last
    answer of each life nobody knows.
    """
    return [one.life == next_.life for one, next_ in pairwise(answers)] + [False]


def changes_recorded_once(
    answers: Sequence[Answered],
    recorded: Sequence[Recorded],
    first: Mapping[str, States],
    certain: Certain = asked_again,
) -> Iterator[str]:
    """Every change that a poll must have seen is one event, and no event is of another."""
    served: dict[tuple[str, str], list[Answered]] = defaultdict(list)
    for answer in answers:
        served[answer.account, answer.appkey].append(answer)
    told = _transitions(recorded)
    known: set[tuple[Number, str]] = set()
    for (account, appkey), of_app in served.items():
        for number in of_app[0].states:
            for attribute in ATTRIBUTES:
                key = ((account, appkey, number), attribute)
                known.add(key)
                words = [answer.states[number][attribute] for answer in of_app]
                seen = zip(words, certain(of_app, words), strict=True)
                if not explains(seen, told.get(key, []), first[account][number][attribute]):
                    yield f"{key}: what was told {told.get(key, [])} does not follow from what was answered"
    for key in told.keys() - known:
        yield f"{key}: nothing was answered that it follows from"


def explains(seen: Iterable[tuple[str, bool]], told: Sequence[tuple[str | None, str]], first: str) -> bool:
    """
    Whether the transitions told are those of the words seen, each once and in order.

    Args:
        seen: Each word answered, and whether it is certain that it was believed.
        told: Before and after of each event.
        first: The word that was told before the first.
    """
    words = [first, *(after for _before, after in told)]
    if any(before != word for (before, _after), word in zip(told, words, strict=False)):
        return False
    reached = {0}  # how many events may have been told by now
    for word, sure in seen:
        moved = {count if words[count] == word else count + 1 for count in reached}
        moved = {count for count in moved if count < len(words) and words[count] == word}
        reached = moved if sure else reached | moved
    return len(told) in reached


def numbered_without_gaps(recorded: Sequence[Recorded]) -> Iterator[str]:
    """Sequences are 1, 2, 3, …; ids are each event's own, and the body says the same."""
    if [each.sequence for each in recorded] != list(range(1, len(recorded) + 1)):
        yield "the sequences have gaps"
    if len({each.id for each in recorded}) != len(recorded):
        yield "two events have one id"
    for each in recorded:
        if (each.told["id"], int(each.told["sequence"])) != (each.id, each.sequence):
            yield f"{each.id}: its body is another event's"


def arrived_whole(recorded: Sequence[Recorded], attempts: Sequence[Attempt]) -> Iterator[str]:
    """Every event arrived, under its id and with the bytes that are in the store in every attempt; nothing else did."""
    bodies = {each.id: each.body for each in recorded}
    for attempt in attempts:
        if attempt.id not in bodies:
            yield f"{attempt.id} arrived and was never recorded"
        elif attempt.body != bodies[attempt.id]:
            yield f"{attempt.id} arrived with other bytes than it was recorded with"
    for missing in bodies.keys() - {attempt.id for attempt in attempts if attempt.taken}:
        yield f"{missing} never arrived"


def in_order(recorded: Sequence[Recorded], attempts: Sequence[Attempt]) -> Iterator[str]:
    """No event is tried before all earlier ones of its subject have been taken."""
    told = {each.id: (each.told["subject"], each.sequence) for each in recorded}
    waiting: dict[str, list[int]] = defaultdict(list)
    for subject, sequence in sorted(told.values(), key=lambda each: each[1]):
        waiting[subject].append(sequence)
    taken: set[int] = set()
    for attempt in attempts:
        subject, sequence = told.get(attempt.id, ("", 0))
        if any(earlier not in taken for earlier in waiting[subject] if earlier < sequence):
            yield f"{attempt.id} of {subject} was sent before an earlier one had arrived"
        if attempt.taken:
            taken.add(sequence)


def written_to_stdout(recorded: Sequence[Recorded], lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Every event is on stdout, each time with the content that is in the store; nothing else is."""
    told = {each.id: each.told for each in recorded}
    shown: set[str] = set()
    for line in lines:
        event = {name: value for name, value in line.items() if name not in {"event", "level", "timestamp"}}
        shown.add(event["id"])
        if event != told.get(event["id"]):
            yield f"{event['id']} is on stdout with another content than in the store"
    for missing in told.keys() - shown:
        yield f"{missing} is not on stdout"


def people_know(recorded: Sequence[Recorded], mentions: Sequence[Mention]) -> Iterator[str]:
    """People were last told that a number is in trouble where it is; and nothing of a number that did not change."""
    ratings: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (account, _appkey, number), attribute in (told := _transitions(recorded)):
        if attribute == "quality_rating":
            ratings[account, number] += [after for _before, after in told[(account, _appkey, number), attribute]]
    last = {(mention.account, mention.number): mention.says for mention in mentions}
    for key, words in ratings.items():
        if words[-1] in BAD and last.get(key, "nothing").rpartition(" ")[2] not in BAD:
            yield f"{key} is {words[-1]}, and people know of {last.get(key, 'nothing')}"
    for mention in mentions:
        word = mention.says.rpartition(" ")[2]
        if word not in ratings.get((mention.account, mention.number), []):
            yield f"people were told {mention}, which never was"


def open_incidents(recorded: Sequence[Recorded]) -> set[str]:
    """The incidents that are open after the last event."""
    opened: set[str] = set()
    for each in recorded:
        incident = each.told["data"].get("incident")
        if incident:
            (opened.discard if incident["action"] == "close" else opened.add)(incident["id"])
    return opened


def _transitions(recorded: Sequence[Recorded]) -> dict[tuple[Number, str], list[tuple[str | None, str]]]:
    """Before and after of each event of a number, by number and attribute."""
    found: dict[tuple[Number, str], list[tuple[str | None, str]]] = defaultdict(list)
    for each in recorded:
        told = each.told
        if told["type"].startswith("number."):
            data = told["data"]
            key = ((data["account"], data["appkey"], data["number"]), data["attribute"])
            found[key].append((data["before"], data["after"]))
    return dict(found)
