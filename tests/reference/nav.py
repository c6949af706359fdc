#!/usr/bin/env python3
"""A second, naive implementation of `nav compute`, written from the contract alone, in exact fractions.

usage: nav.py FILE.json      prints the answer as JSON; only for inputs that are well formed.
"""
import json
import sys
from fractions import Fraction

from rates import cut, plain


def rounded(value, decimals, how):
    scaled = value * Fraction(10) ** decimals
    floor = scaled.numerator // scaled.denominator
    rest = scaled - floor
    if how == "down":
        whole = floor + (1 if value < 0 and rest else 0)
    elif rest == Fraction(1, 2):
        whole = (floor + 1 if value > 0 else floor) if how == "half_up" else floor + (floor & 1)
    else:
        whole = floor + (rest > Fraction(1, 2))
    return Fraction(whole) / Fraction(10) ** decimals


def compute(nav):
    money, how = nav["money_decimals"], nav["rounding"]
    values = []
    for position in nav["positions"]:
        if "value" in position:
            values.append(Fraction(position["value"]))
        else:
            values.append(rounded(Fraction(position["quantity"]) * Fraction(position["price"]), money, how))
    pending = nav.get("pending", {})
    creations, redemptions = Fraction(pending.get("creations", "0")), Fraction(pending.get("redemptions", "0"))
    liabilities = sum((Fraction(entry["value"]) for entry in nav.get("liabilities", [])), Fraction(0))
    assets = sum(values, Fraction(0)) + sum((Fraction(e["value"]) for e in nav.get("other_assets", [])), Fraction(0)) + creations
    base = assets - liabilities - redemptions
    accruals = [(a["name"], rounded(base * Fraction(a["annual_rate"]) * a["days"] / a["year_days"], money, how))
                for a in nav.get("accruals", [])]
    owed = liabilities + redemptions + sum((amount for _, amount in accruals), Fraction(0))
    net = assets - owed
    shares = Fraction(nav["shares_outstanding"])
    total = sum(values, Fraction(0))
    positions = []
    for position, value in zip(nav["positions"], values):
        answer = {"asset": position["asset"]}
        for key in ("quantity", "price"):
            if key in position:
                answer[key] = plain(Fraction(position[key]))
        answer["value"] = plain(value)
        answer["weight"] = None if total == 0 else plain(rounded(value / total, 12, "half_even"))
        positions.append(answer)
    return {"fund": nav["fund"], "valuation_date": nav["valuation_date"], "positions": positions, "total_assets": plain(assets),
            "fee_base": plain(base), "accruals": [{"name": n, "amount": plain(a)} for n, a in accruals],
            "total_liabilities": plain(owed), "net_assets": plain(net),
            "nav_per_share": plain(rounded(net / shares, nav["per_share_decimals"], how)),
            "nav_per_share_unrounded": cut(net / shares, 21)}


if __name__ == "__main__":
    print(json.dumps(compute(json.load(open(sys.argv[1])))))
