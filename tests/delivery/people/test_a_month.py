"""
A month of an integrator's life, and what somebody gets to read who is told of it in the usual way.

Written down by hand from the documents before it was run: no message for what heals by itself, none missed of what
does not.  Times are hours and minutes since the beginning of the day.
"""

from collections.abc import Mapping

from monitor.delivery.people.maintenance import SingleWindow
from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from monitor.fleet.answer import FailureReason, Row
from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Policy
from tests.delivery.people.living import DAY, HOUR, MINUTE, START, Life, believed, lines, row

OPENED, CHANGED, CLOSED, ONCE, REMINDER = News.OPENED, News.CHANGED, News.CLOSED, News.ONCE, News.REMINDER
SHOPS = ("jh41shop", "jh42shop", "jh43shop", "jh44shop")
BLAST, BANK = "jh45blast", "jh46bank"
AGENCY = "jh47agency"
NIGHTLY = Match(appkey=(SHOPS[3],))


def of(shop: int, index: int = 1) -> str:
    """A number of a shop."""
    return f"+86138{shop:04d}{index:04d}"


class Month:
    """The vendor's side: what each app lists, polled each minute while something is going on, else now and then."""

    def __init__(self) -> None:
        window = SingleWindow(NIGHTLY, START + 20 * DAY + HOUR, 2 * HOUR)
        self.life = Life(Rules(remind_every=DAY, windows=(window,)))
        self.listed: dict[str, dict[str, Row]] = {
            app: {
                of(shop, index): row(of(shop, index), waba_id=f"w{shop}", waba_name=f"shop {shop}")
                for index in range(1, 7)
            }
            for shop, app in enumerate(SHOPS, 1)
        }
        self.listed[BLAST] = {
            of(5, index): row(of(5, index), waba_id="w5", waba_name="blaster") for index in range(1, 51)
        }
        self.listed[BANK] = {of(6): row(of(6), waba_id="w6", waba_name="bank", status="BANNED")}
        self.down: dict[str, FailureReason] = {}
        self.empty = False
        self.poll()

    def poll(self) -> None:
        for app, listed in self.listed.items():
            if app in self.down:
                self.life.fails(app=app, reason=self.down[app])
            else:
                self.life.answers(*(() if self.empty else listed.values()), app=app)

    def until(self, day: int, clock: str = "00:00") -> None:
        """Time goes on until then; polled each minute for half an hour, then when something is due, or now and then."""
        hours, minutes = clock.split(":")
        end = START + day * DAY + int(hours) * HOUR + int(minutes) * MINUTE
        settled = self.life.at + 30 * MINUTE
        while self.life.at < end:
            step = MINUTE if self.life.at < settled else 30 * MINUTE
            dues = [watched.snapshot.due_at for watched in self.life.fleet.watched()]
            moments = [at for at in dues if at is not None and at > self.life.at]
            self.life.passes(min(self.life.at + step, end, *moments) - self.life.at)
            self.poll()

    def becomes(self, app: str, *numbers: str, **words: str) -> None:
        """The vendor says so of these numbers from now on."""
        for number in numbers:
            old = self.listed[app][number]
            kept = {name: getattr(old, name) for name in ("waba_id", "waba_name", "quality_rating", "status", "tier")}
            self.listed[app][number] = row(number, **{**kept, **words})
        self.poll()

    def heard(self) -> list[tuple[int, str, News, str, str]]:
        """(day, time, news, about, state) of every line."""
        return [
            ((at - START) // DAY, _clock(at), *line) for at, digest in self.life.reader.heard for line in lines(digest)
        ]


def _clock(at: int) -> str:
    minutes = (at - START) % DAY // MINUTE
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def first_week(month: Month) -> None:
    # day 0: the start.  One number has been banned for long.
    month.until(0, "10:00")
    # Quality of a busy number goes down and up again within minutes, twice.
    for clock in ("10:00", "11:00"):
        month.until(0, clock)
        month.becomes(SHOPS[0], of(1), quality_rating="YELLOW")
        month.until(0, clock[:2] + ":12")
        month.becomes(SHOPS[0], of(1), quality_rating="RED")
        month.until(0, clock[:2] + ":15")
        month.becomes(SHOPS[0], of(1), quality_rating="GREEN")
    # day 1: the ban is lifted in the afternoon.
    month.until(1, "15:00")
    month.becomes(BANK, of(6), status="CONNECTED")
    # day 2: two re-authorisations pass through UNVERIFIED and PENDING.
    month.until(2, "09:00")
    month.becomes(SHOPS[1], of(2), of(2, 2), status="UNVERIFIED")
    month.until(2, "09:03")
    month.becomes(SHOPS[1], of(2), of(2, 2), status="PENDING")
    month.until(2, "09:09")
    month.becomes(SHOPS[1], of(2), of(2, 2), status="CONNECTED")
    # day 3: a blast; forty numbers turn RED in two sweeps, recover over days.
    month.until(3, "20:00")
    month.becomes(BLAST, *(of(5, index) for index in range(1, 26)), quality_rating="RED")
    month.until(3, "20:01")
    month.becomes(BLAST, *(of(5, index) for index in range(26, 41)), quality_rating="RED")
    month.until(5, "08:00")
    month.becomes(BLAST, *(of(5, index) for index in range(1, 31)), quality_rating="GREEN")
    month.until(5, "18:00")
    month.becomes(BLAST, *(of(5, index) for index in range(31, 41)), quality_rating="GREEN")


FIRST_WEEK = [
    (0, "00:01", ONCE, "baseline of 6 apps", "1 of 75"),
    (1, "00:01", REMINDER, of(6), "BANNED"),
    (1, "15:00", CLOSED, of(6), "recovered"),
    (3, "20:05", OPENED, "40 of blaster", "40 open"),
    (4, "20:05", REMINDER, "40 of blaster", "40 open"),
    (5, "08:00", CHANGED, "40 of blaster", "10 open"),
    (5, "18:00", CLOSED, "40 of blaster", "recovered 0 open"),
]


def second_week(month: Month) -> None:
    # day 7: the vendor is in maintenance: every list is empty for an hour.
    month.until(7, "03:00")
    month.empty = True
    month.until(7, "04:00")
    month.empty = False
    # day 8: the vendor does not answer for twenty minutes.
    month.until(8, "12:00")
    month.down = dict.fromkeys(month.listed, FailureReason.HTTP_5XX)
    month.until(8, "12:20")
    month.down = {}
    # day 9: a number moves to another app, which lists it before the old one lets it go.
    month.until(9, "10:00")
    month.listed[SHOPS[2]][of(2, 6)] = row(of(2, 6), waba_id="w3", waba_name="shop 3")
    month.until(9, "10:05")
    month.becomes(SHOPS[1], of(2, 6), status="MIGRATED")
    month.until(9, "12:00")
    del month.listed[SHOPS[1]][of(2, 6)]
    # day 10: an agency's app is new, its two numbers pending for most of a day; another stays so for two.
    month.until(10, "09:00")
    month.listed[AGENCY] = {of(7): row(of(7), waba_id="w7", waba_name="agency", status="PENDING")}
    month.until(10, "11:00")
    month.listed[AGENCY][of(7, 2)] = row(of(7, 2), waba_id="w7", waba_name="agency", status="PENDING")
    month.until(10, "21:00")
    month.becomes(AGENCY, of(7), status="CONNECTED")
    month.until(12, "09:00")
    month.becomes(AGENCY, of(7, 2), status="CONNECTED")
    # day 13: a ban, appealed and lifted on the second day.
    month.until(13, "14:00")
    month.becomes(SHOPS[0], of(1, 3), status="BANNED", quality_rating="RED")
    month.until(14, "20:00")
    month.becomes(SHOPS[0], of(1, 3), status="CONNECTED", quality_rating="GREEN")


SECOND_WEEK = [
    (7, "03:02", OPENED, "main", "account.suspect"),
    (7, "04:01", CLOSED, "main", "recovered"),
    (8, "12:03", OPENED, "main", "account.unreachable"),
    (8, "12:18", CHANGED, "main", "account.unreachable"),
    (8, "12:21", CLOSED, "main", "recovered"),
    (11, "11:01", OPENED, of(7, 2), "PENDING"),
    (12, "09:00", CLOSED, of(7, 2), "recovered"),
    (13, "14:00", OPENED, of(1, 3), "BANNED"),
    (13, "14:05", OPENED, of(1, 3), "RED"),
    (14, "14:00", REMINDER, of(1, 3), "BANNED"),
    (14, "14:00", REMINDER, of(1, 3), "RED"),
    (14, "20:00", CLOSED, of(1, 3), "recovered"),
    (14, "20:00", CLOSED, of(1, 3), "recovered"),
]


def third_week(month: Month) -> None:
    # day 15: the tier of a WABA is lowered; two days later it is back.
    month.until(15, "10:00")
    month.becomes(SHOPS[3], *(of(4, index) for index in range(1, 7)), tier="TIER_1K")
    month.until(17, "10:00")
    month.becomes(SHOPS[3], *(of(4, index) for index in range(1, 7)), tier="TIER_10K")
    # day 18: a name is declined, another approved under another name.
    month.until(18, "11:00")
    month.becomes(SHOPS[0], of(1, 4), name_status="DECLINED")
    month.becomes(SHOPS[0], of(1, 5), verified_name="GLORY JANE")
    # day 19: a number flaps between RED and GREEN for three hours.
    month.until(19, "10:00")
    for minutes in range(0, 180, 6):
        month.until(19, f"{10 + minutes // 60}:{minutes % 60:02d}")
        month.becomes(SHOPS[1], of(2, 4), quality_rating="GREEN" if minutes // 6 % 2 else "RED")
    # day 20: maintenance of one shop from 01:00 to 03:00: three numbers go and come back, one stays away.
    month.until(20, "01:30")
    month.becomes(SHOPS[3], *(of(4, index) for index in range(1, 5)), status="DISCONNECTED")
    month.until(20, "02:30")
    month.becomes(SHOPS[3], *(of(4, index) for index in range(2, 5)), status="CONNECTED")
    month.until(20, "09:00")
    month.becomes(SHOPS[3], of(4), status="CONNECTED")


THIRD_WEEK = [
    (15, "10:00", OPENED, "w4", "TIER_1K"),
    (17, "10:00", CLOSED, "w4", "recovered"),
    (18, "11:00", ONCE, of(1, 4), "DECLINED"),
    (19, "10:05", OPENED, of(2, 4), "RED"),
    (19, "10:06", CLOSED, of(2, 4), "recovered"),
    (19, "10:17", OPENED, of(2, 4), "RED"),
    (19, "10:18", CLOSED, of(2, 4), "recovered"),
    (19, "10:29", OPENED, of(2, 4), "RED"),
    (19, "10:30", CHANGED, of(2, 4), "flapping"),
    (19, "13:54", CLOSED, of(2, 4), "recovered"),
    (20, "03:00", OPENED, of(4), "DISCONNECTED"),
    (20, "09:00", CLOSED, of(4), "recovered"),
]


def fourth_week(month: Month) -> None:
    # day 22: a number goes YELLOW and is known: it is being retired, and ignored from the next day on.
    month.until(22, "10:00")
    month.becomes(SHOPS[2], of(3, 2), quality_rating="YELLOW")
    month.until(23, "10:00")
    month.life.policy = Policy(ignore=(IgnoreRule(Match(number=(of(3, 2),))),))
    month.until(24, "10:00")
    month.becomes(SHOPS[2], of(3, 2), quality_rating="RED", status="RESTRICTED")
    # day 25: a number disappears from its list; one reaches its daily limit every evening.
    month.until(25, "10:00")
    del month.listed[SHOPS[0]][of(1, 6)]
    month.until(25, "18:00")
    month.becomes(SHOPS[2], of(3, 3), status="RATE_LIMITED")
    month.until(25, "18:20")
    month.becomes(SHOPS[2], of(3, 3), status="CONNECTED")
    # day 26: one app's key is refused for a day.
    month.until(26, "10:00")
    month.down = {BANK: FailureReason.APP_REJECTED}
    month.until(27, "10:00")
    month.down = {}
    # day 28: the bank leaves the configuration; the ignore is taken back on the last day.
    month.until(28, "10:00")
    del month.listed[BANK]
    month.life.leaves(BANK)
    month.until(29, "10:00")
    month.life.policy = Policy()
    month.until(30)


FOURTH_WEEK = [
    (22, "10:30", OPENED, of(3, 2), "YELLOW"),
    (23, "10:01", CLOSED, of(3, 2), "ignored"),
    (25, "10:11", ONCE, of(1, 6), "number.removed"),
    (26, "10:03", OPENED, BANK, "app.unreachable"),
    (27, "10:01", CLOSED, BANK, "recovered"),
    (29, "10:01", OPENED, of(3, 2), "RESTRICTED"),
    (29, "10:06", OPENED, of(3, 2), "RED"),
]

EXPECTED: Mapping[int, list[tuple[int, str, News, str, str]]] = {
    7: FIRST_WEEK,
    15: SECOND_WEEK,
    21: THIRD_WEEK,
    31: FOURTH_WEEK,
}


def test_a_month_brings_no_false_page_and_misses_none():
    month = Month()

    for week in (first_week, second_week, third_week, fourth_week):
        week(month)

    heard = month.heard()
    before = 0
    for day, expected in EXPECTED.items():
        assert [line for line in heard if before <= line[0] < day] == expected
        before = day
    assert believed(digest for _at, digest in month.life.reader.heard).keys() == month.life.bad()
