#!/usr/bin/env python3
"""Random funds, well formed and not, through `navkeeper nav compute` and through nav.py: the answers must be equal, refusals too.

usage: compare_nav.py NAVKEEPER [CASES [SEED]]
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import nav


def amount(dice, decimals=2, digits=12, negative=False):
    whole = dice.randrange(10 ** dice.randrange(1, digits))
    places = dice.randrange(0, decimals + 1)
    part = f"{dice.randrange(10 ** places):0{places}d}" if places else ""
    if part and dice.randrange(4) == 0:
        part = "5".ljust(places, "0") if dice.randrange(2) else "4".ljust(places, "9")  # at and beside a tie
    text = f"{whole}.{part}" if part else str(whole)
    if part and dice.randrange(8) == 0:
        text = f"{whole}{part}{dice.choice('eE')}-{places}"
    elif dice.randrange(8) == 0 and not part:
        text += dice.choice(["E+2", "e0", ".0", ".00"])
    return (dice.choice(["-", ""]) if negative else "") + text


def a_fund(dice):
    fund = {"fund": "X", "valuation_date": "2026-03-31", "money_decimals": dice.choice([2, 2, 0, -3, -1, -6, 4, 18]),
            "per_share_decimals": dice.choice([0, 2, 4, 6, 18]), "rounding": dice.choice(["half_up", "half_even", "down"]),
            "positions": [], "shares_outstanding": amount(dice, dice.choice([0, 0, 6]), 10)}
    if dice.randrange(20):
        fund["shares_outstanding"] = str(dice.randrange(1, 10 ** dice.randrange(1, 10)))
    for i in range(dice.randrange(0, 5)):
        if dice.randrange(3):
            fund["positions"].append({"asset": f"A{i}", "quantity": amount(dice, 18, 20), "price": amount(dice, 8, 8)})
        else:
            fund["positions"].append({"asset": f"A{i}", "value": amount(dice, negative=dice.randrange(3) == 0)})
    for key in ("other_assets", "liabilities"):
        if dice.randrange(2):
            fund[key] = [{"name": f"n{i}", "value": amount(dice, negative=True)} for i in range(dice.randrange(0, 4))]
    if dice.randrange(2):
        fund["pending"] = {"creations": amount(dice), "redemptions": amount(dice)}
    if dice.randrange(2):
        fund["accruals"] = [{"name": f"fee {i}", "annual_rate": dice.choice(["0.0095", "-0.0012", "0", "1E-5", "0.333333333333", "1", "-0.5"]),
                             "days": dice.choice([0, 1, 2, 3, 4, 183]), "year_days": dice.choice([365, 366, 1, 2])} for i in range(dice.randrange(0, 3))]
    if dice.randrange(12) == 0:
        fund["positions"].append({"asset": "WIDE", "quantity": "9" * dice.choice([20, 30, 38]), "price": "0." + "0" * 20 + "1"})
    return fund


def spoilt(dice, fund):
    """The same with one thing wrong, or that may be."""
    fund = json.loads(json.dumps(fund))
    places = [fund] + fund["positions"] + fund.get("accruals", []) + fund.get("liabilities", []) + ([fund["pending"]] if "pending" in fund else [])
    place = dice.choice(places)
    key = dice.choice(list(place))
    kind = dice.randrange(5)
    if kind == 0:
        del place[key]
    elif kind == 1:
        place[dice.choice(["extra", "value", "price", "quantity"])] = "1"
    elif kind == 2 and key not in ("fund", "asset", "name", "valuation_date"):
        place[key] = dice.choice(["-1", "0", "", "x", "1e400", "9" * 39, "9" * 38, "0." + "1" * 39, 1, 1.5, -1, None, True, "NaN", " 1", "1,0"])
    elif kind == 3:
        fund["shares_outstanding"] = dice.choice(["0", "-5", "0.000"])
    elif "accruals" in fund and fund["accruals"]:
        fund["accruals"][0].update(dice.choice([{"days": -1}, {"days": 1.5}, {"year_days": 0}, {"year_days": -365}, {"days": "3"}]))
    return fund


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    refused = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fund.json")
        for case in range(cases):
            dice = random.Random(seed * 1_000_003 + case)
            fund = a_fund(dice)
            if dice.randrange(4) == 0:
                fund = spoilt(dice, fund)
            with open(path, "w") as file:
                json.dump(fund, file)
            got = subprocess.run([sys.argv[1], "nav", "compute", path, "--json"], capture_output=True, text=True)
            try:
                expected = nav.compute(fund)
                agrees = got.returncode == 0 and json.loads(got.stdout) == expected
            except nav.Refused:
                expected, agrees = "refused", got.returncode == 1 and got.stdout == "" and len(got.stderr.splitlines()) == 1
                refused += 1
            if not agrees:
                print(f"case {case} of seed {seed} differs\n{json.dumps(fund)}\nnavkeeper {got.stdout}{got.stderr}\nreference {json.dumps(expected)}")
                return 1
    print(f"{cases} cases of seed {seed} agree, {refused} of them refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
