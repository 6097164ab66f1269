"""Replicas are disturbed, and nothing is lost, doubled or invented; `make replicas` does it in 200 rounds."""

import sys
from pathlib import Path
from random import Random

from tests.postgresql import PostgresqlServer
from tests.system.replica_ordeal import QUICK, Ordeal

ROUNDS = 5  # each disturbance once, but that cut connections take the turn of one for which no two replicas are sound


async def test_replicas_that_are_disturbed_lose_double_and_invent_nothing(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    seed = Random().getrandbits(32)  # another order each time
    sys.stderr.write(f"seed {seed}\n")

    found = await Ordeal(tmp_path, postgresql, random=Random(seed), pace=QUICK).run(ROUNDS)

    assert list(found.problems()) == []
    assert len(found.disturbances) == ROUNDS
    assert {each.told["type"] for each in found.recorded} >= {"app.baseline", "number.changed"}
