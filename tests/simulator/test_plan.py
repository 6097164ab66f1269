"""Which fault meets a call."""

from monitor.simulator.faults import Code, Delay, Fault, Hang
from monitor.simulator.plan import FaultPlan


def plan_of(*faults: Fault) -> FaultPlan:
    """A plan with these faults on."""
    plan = FaultPlan()
    for fault in faults:
        plan.add(fault)
    return plan


def test_without_a_fault_none_meets_a_call():
    assert plan_of().take("a") is None


def test_a_fault_meets_as_many_calls_as_it_says():
    plan = plan_of(Code(calls=2))

    assert [plan.take("a") is not None for _ in range(3)] == [True, True, False]


def test_a_fault_without_a_count_meets_every_call_until_it_is_cleared():
    plan = plan_of(Code())

    assert all(plan.take("a") for _ in range(5))
    plan.clear()
    assert plan.take("a") is None


def test_a_fault_of_an_app_meets_that_app_alone():
    plan = plan_of(Code(appkey="a"))

    assert [plan.take(appkey) is not None for appkey in "ab"] == [True, False]


def test_faults_meet_calls_in_their_order():
    first, second = Code(calls=1), Delay()
    plan = plan_of(first, second)

    assert [plan.take("a") for _ in range(3)] == [first, second, second]


def test_clearing_an_app_leaves_the_others_and_what_is_for_all():
    everybody, other = Hang(), Code(appkey="b")
    plan = plan_of(Code(appkey="a"), other, everybody)

    plan.clear("a")

    assert [plan.take(appkey) for appkey in "ab"] == [everybody, other]


def test_the_calls_shown_are_those_that_are_left():
    plan = plan_of(Delay(seconds=2, appkey="a", calls=3), Hang())

    plan.take("a")

    assert plan.active() == [
        {"fault": "delay", "appkey": "a", "calls": 2, "seconds": 2},
        {"fault": "hang", "appkey": "", "calls": None},
    ]
