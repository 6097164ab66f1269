import csv
import io

from monitor.fleet.app import App
from monitor.views.csv import numbers_csv
from monitor.views.numbers import number
from tests.metrics.known import SHOP_ONE, entry, known


def seen(app=SHOP_ONE, **words):
    one = entry(**words)
    return number(app, known(one), one)


def test_numbers_are_a_line_each_under_their_titles():
    assert numbers_csv([seen(tier="TIER_UNLIMITED", verified_name='GLORY, "J"')]) == (
        "account,appkey,app_name,waba_id,waba_name,number,verified_name,quality_rating,status,tier,tier_limit,"
        "tier_unlimited,name_status,code_verification_status,register_status,severity,as_of,since_quality_rating,"
        "since_status,since_tier,label_plan,label_team\n"
        'main,jh42,shop-one,116960000086404,GLORY TEST,+8613800000001,"GLORY, ""J""",GREEN,CONNECTED,TIER_UNLIMITED,,'
        "true,APPROVED,VERIFIED,5,ok,2026-11-23T08:00:12.345Z,2026-11-23T08:00:12.345Z,"
        "2026-11-23T08:00:12.345Z,2026-11-23T08:00:12.345Z,vip,emea\n"
    )


def test_every_label_of_any_app_is_a_column():
    rows = list(csv.DictReader(io.StringIO(numbers_csv([seen(), seen(App("main", "jh43", labels=(("x", "1"),)))]))))

    assert [(row["label_plan"], row["label_x"]) for row in rows] == [("vip", ""), ("", "1")]


def test_no_numbers_are_a_line_of_titles():
    titles = numbers_csv([])

    assert titles.startswith("account,appkey,")
    assert titles.endswith(",since_status,since_tier\n")


def test_what_the_vendor_sends_is_no_formula_and_no_line_of_its_own():
    (row,) = csv.DictReader(io.StringIO(numbers_csv([seen(verified_name="=cmd|'/C'!A0", waba_name="a\nb\x1b")])))

    assert (row["verified_name"], row["waba_name"]) == ("'=cmd|'/C'!A0", "a\\x0ab\\x1b")
