#!/usr/bin/env python3
"""Random funds through `navkeeper nav compute` and through nav.py: the answers must be equal.

usage: compare_nav.py NAVKEEPER [CASES [SEED]]
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import nav


def amount(dice, decimals=2, digits=12):
    whole = dice.randrange(10 ** dice.randrange(1, digits))
    places = dice.randrange(0, decimals + 1)
    text = f"{whole}.{dice.randrange(10 ** places):0{places}d}" if places else str(whole)
    return text + dice.choice(["", "", "0"] if "." in text else ["", "", ".0"])


def a_fund(dice):
    fund = {"fund": "X", "valuation_date": "2026-03-31", "money_decimals": dice.choice([2, 2, 0, -3, 4]),
            "per_share_decimals": dice.choice([2, 4, 6]), "rounding": dice.choice(["half_up", "half_even", "down"]),
            "positions": [], "shares_outstanding": str(dice.randrange(1, 10 ** dice.randrange(1, 10)))}
    for i in range(dice.randrange(0, 5)):
        if dice.randrange(3):
            fund["positions"].append({"asset": f"A{i}", "quantity": amount(dice, 18, 20), "price": amount(dice, 8, 8)})
        else:
            fund["positions"].append({"asset": f"A{i}", "value": amount(dice)})
    for key in ("other_assets", "liabilities"):
        if dice.randrange(2):
            fund[key] = [{"name": f"n{i}", "value": amount(dice)} for i in range(dice.randrange(0, 4))]
    if dice.randrange(2):
        fund["pending"] = {"creations": amount(dice), "redemptions": amount(dice)}
    if dice.randrange(2):
        fund["accruals"] = [{"name": f"fee {i}", "annual_rate": dice.choice(["0.0095", "-0.0012", "0", "1E-5", "0.333333333333"]),
                             "days": dice.randrange(0, 5), "year_days": dice.choice([365, 366, 1])} for i in range(dice.randrange(0, 3))]
    return fund


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fund.json")
        for case in range(cases):
            fund = a_fund(random.Random(seed * 1_000_003 + case))
            with open(path, "w") as file:
                json.dump(fund, file)
            got = subprocess.run([sys.argv[1], "nav", "compute", path, "--json"], capture_output=True, text=True)
            expected = nav.compute(fund)
            if got.returncode != 0 or json.loads(got.stdout) != expected:
                print(f"case {case} of seed {seed} differs\n{json.dumps(fund)}\nnavkeeper {got.stdout}{got.stderr}\nreference {json.dumps(expected)}")
                return 1
    print(f"{cases} cases of seed {seed} agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
