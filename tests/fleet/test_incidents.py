"""Incidents: one a number and attribute, whoever lists the number."""

from tests.fleet.making import NUMBER, Watch, action, incidents, row, types


def test_an_incident_opens_goes_on_and_closes():
    watch = Watch()
    watch.answers(row())

    told = [watch.answers(row(quality_rating=rating))[0] for rating in ("YELLOW", "RED", "YELLOW", "GREEN")]

    assert [action(event) for event in told] == ["open", "update", "update", "close"]
    assert {event.data["incident"]["id"] for event in told} == {f"main/{NUMBER}/quality_rating"}


def test_rating_and_status_have_incidents_of_their_own():
    watch = Watch()
    watch.answers(row())

    told = watch.answers(row(quality_rating="RED", status="BANNED"))

    assert sorted((event.data["incident"]["id"], action(event)) for event in told) == [
        (f"main/{NUMBER}/quality_rating", "open"),
        (f"main/{NUMBER}/status", "open"),
    ]


def test_two_apps_that_list_a_number_share_its_incident():
    watch = Watch("a", "b")
    watch.answers(row())
    watch.answers(row(), app="b")

    told = [
        watch.answers(row(quality_rating="RED"), app="a")[0],
        watch.answers(row(quality_rating="RED"), app="b")[0],
        watch.answers(row(), app="a")[0],
        watch.answers(row(), app="b")[0],
    ]

    assert [action(event) for event in told] == ["open", "update", "update", "close"]


def test_the_entries_of_a_number_under_two_wabas_of_an_app_share_it_too():
    watch = Watch()
    watch.answers(row(), row(waba="w2"))

    told = watch.answers(row(quality_rating="RED"), row(waba="w2", quality_rating="YELLOW"))
    healed = watch.answers(row(), row(waba="w2"))

    assert [action(event) for event in told + healed] == ["open", "update", "update", "close"]


def test_a_bad_number_that_is_gone_closes_its_incidents():
    watch = Watch()
    watch.answers(row(quality_rating="RED", status="BANNED"), row("+8613800000002"))

    told = [event for _ in range(12) for event in watch.answers(row("+8613800000002"))]

    assert types(told) == ["number.removed"]
    assert incidents(told[0]) == [
        {"id": f"main/{NUMBER}/quality_rating", "action": "close"},
        {"id": f"main/{NUMBER}/status", "action": "close"},
    ]


def test_an_app_that_leaves_closes_what_no_other_app_keeps_open():
    watch = Watch("a", "b")
    watch.answers(row(quality_rating="RED"), row("+8613800000002", status="BANNED"), app="a")
    watch.answers(row(quality_rating="RED"), app="b")

    (told,) = watch.loses("a")

    assert told.type == "app.removed"
    assert incidents(told) == [
        {"id": f"main/{NUMBER}/quality_rating", "action": "update"},
        {"id": "main/+8613800000002/status", "action": "close"},
    ]


def test_two_entries_of_one_app_that_leaves_close_their_incident_once():
    watch = Watch()
    watch.answers(row(quality_rating="RED"), row(waba="w2", quality_rating="RED"))

    (told,) = watch.loses("a")

    assert incidents(told) == [{"id": f"main/{NUMBER}/quality_rating", "action": "close"}]


def test_a_change_that_concerns_no_trouble_carries_no_incident():
    watch = Watch()
    watch.answers(row())

    (told,) = watch.answers(row(verified_name="GLORY JOHN"))

    assert told.data["incident"] is None
