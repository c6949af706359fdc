#!/usr/bin/env python3
"""Random validators through `navkeeper staking compute` and through staking.py: the answers must be equal, refusals too.

usage: compare_staking.py NAVKEEPER [CASES [SEED]]
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import staking


def ether(dice):
    kinds = ["deposit", "withdrawal", "consolidation_in", "consolidation_out", "moved_to_pending"]
    first = dice.randrange(1000)
    return {"chain": "ethereum", "from_slot": first, "to_slot": first + dice.randrange(200), "validators": [
        {"index": str(i), "opening_gwei": str(dice.randrange(10 ** 11)), "closing_gwei": str(dice.randrange(10 ** 11)),
         "flows": [{"slot": dice.randrange(1200), "kind": dice.choice(kinds), "amount_gwei": str(dice.randrange(10 ** 10))}
                   for _ in range(dice.randrange(5))]} for i in range(dice.randrange(5))]}


def cosmos(dice):
    size = 10 ** dice.randrange(1, 20)
    events = []
    for _ in range(dice.randrange(1, 40)):
        who = f"d{dice.randrange(4)}"
        kind = dice.choice(["delegate", "delegate", "undelegate", "withdraw", "allocate", "allocate", "slash"])
        if kind in ("delegate", "undelegate"):
            events.append({"event": kind, "delegator": who, "amount": str(dice.randrange(1, size))})
        elif kind == "withdraw":
            events.append({"event": kind, "delegator": who})
        elif kind == "allocate":
            events.append({"event": kind, "rewards": f"{dice.randrange(size)}.{dice.randrange(10 ** 18):018d}"})
        else:
            events.append({"event": kind, "fraction": dice.choice(["0", "0.05", "0.5", "0.333333333333333333", "0.0001", "0.99", "1", "0.000000000000000001"])})
    return {"chain": "cosmos", "validator": {"commission_rate": dice.choice(["0", "0.1", "0.05", "1", "0.333333333333333333"])}, "events": events}


def admitted(file):
    """The events that the chain would take: each that is refused is left out, so that lives are long."""
    taken = []
    for event in file["events"]:
        try:
            staking.compute({**file, "events": taken + [event]})
            taken.append(event)
        except staking.Refused:
            pass
    return {**file, "events": taken}


def spoilt(dice, file):
    """The same with one thing wrong."""
    file = json.loads(json.dumps(file))
    if file["chain"] == "ethereum":
        kind = dice.randrange(5)
        if kind == 0 and file["validators"]:
            file["validators"].append(dict(file["validators"][0]))
        elif kind == 1 and file["validators"]:
            file["validators"][0]["flows"].append({"slot": 1, "kind": "gift", "amount_gwei": "1"})
        elif kind == 2 and file["validators"]:
            file["validators"][0]["flows"].append({"slot": 1, "kind": "deposit", "amount_gwei": dice.choice(["-1", "1.5", "", 1, None])})
        elif kind == 3 and file["validators"]:
            file["validators"][0]["opening_gwei"] = dice.choice(["-1", "x", 5])
        else:
            file["chain"] = "solana"
    else:
        kind = dice.randrange(4)
        if kind == 0:
            file["validator"]["commission_rate"] = dice.choice(["1.1", "-0.1", "x", 1])
        elif kind == 1:
            file["events"].append({"event": "redelegate", "delegator": "d1", "amount": "1"})
        elif kind == 2:
            file["events"].append({"event": "delegate", "delegator": "d1", "amount": dice.choice(["0", "-1", "1.5", "", 1])})
        else:
            file["events"].append({"event": "allocate", "rewards": dice.choice(["-1", "x", 1])})
    return file


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "staking.json")
        for case in range(cases):
            dice = random.Random(seed * 1_000_003 + case)
            file = ether(dice) if case % 4 == 0 else cosmos(dice)
            if file["chain"] == "cosmos" and dice.randrange(4):
                file = admitted(file)
            is_spoilt = dice.randrange(8) == 0
            if is_spoilt:
                file = spoilt(dice, file)
            with open(path, "w") as out:
                json.dump(file, out)
            got = subprocess.run([sys.argv[1], "staking", "compute", path, "--json"], capture_output=True, text=True)
            try:
                if is_spoilt:
                    raise staking.Refused
                expected = staking.compute(file)
                agrees = got.returncode == 0 and json.loads(got.stdout) == expected
            except staking.Refused:
                expected, agrees = "refused", got.returncode == 1 and got.stdout == "" and len(got.stderr.splitlines()) == 1
            if not agrees:
                print(f"case {case} of seed {seed} differs\n{json.dumps(file)}\nnavkeeper {got.stdout}{got.stderr}\nreference {json.dumps(expected)}")
                return 1
    print(f"{cases} cases of seed {seed} agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
