#!/usr/bin/env python3
"""A second, naive implementation of `nav compute`, written from the contract alone, in exact fractions.

usage: nav.py FILE.json      prints the answer as JSON, or REFUSED and exits 1.
"""
import json
import sys
from fractions import Fraction

from rates import cut, number, plain


class Refused(Exception):
    pass


def take(record, required, optional=()):
    """The record, when it has exactly these keys."""
    if not isinstance(record, dict) or not set(required) <= set(record) <= set(required) | set(optional):
        raise Refused
    return record


def amount(text, least=None):
    value = number(text) if isinstance(text, str) else None
    if value is None or (least is not None and value < least):
        raise Refused
    return value


def whole(value, least):
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Refused
    return value


def check(nav):
    """The contract's refusals."""
    take(nav, ("fund", "valuation_date", "money_decimals", "per_share_decimals", "rounding", "positions", "shares_outstanding"),
         ("other_assets", "liabilities", "pending", "accruals"))
    if any(not isinstance(nav.get(key, []), list) for key in ("positions", "other_assets", "liabilities", "accruals")):
        raise Refused
    whole(nav["money_decimals"], -38), whole(nav["per_share_decimals"], -38)
    if nav["rounding"] not in ("half_up", "half_even", "down") or amount(nav["shares_outstanding"]) <= 0:
        raise Refused
    for position in nav["positions"]:
        if "value" in position:
            amount(take(position, ("asset", "value"))["value"])
        else:
            take(position, ("asset", "quantity", "price"))
            amount(position["quantity"], 0), amount(position["price"], 0)
    for key in ("other_assets", "liabilities"):
        for entry in nav.get(key, []):
            amount(take(entry, ("name", "value"))["value"])
    for key in ("creations", "redemptions"):
        if "pending" in nav:
            amount(take(nav["pending"], ("creations", "redemptions"))[key])
    for accrual in nav.get("accruals", []):
        take(accrual, ("name", "annual_rate", "days", "year_days"))
        amount(accrual["annual_rate"]), whole(accrual["days"], 0)
        if isinstance(accrual["year_days"], bool) or not isinstance(accrual["year_days"], (int, float)) or accrual["year_days"] <= 0:
            raise Refused


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
    check(nav)
    money, how = nav["money_decimals"], nav["rounding"]
    values = []
    for position in nav["positions"]:
        if "value" in position:
            values.append(Fraction(position["value"]))
        else:
            values.append(rounded(number(position["quantity"]) * Fraction(position["price"]), money, how))
    pending = nav.get("pending", {})
    creations, redemptions = Fraction(pending.get("creations", "0")), Fraction(pending.get("redemptions", "0"))
    liabilities = sum((Fraction(entry["value"]) for entry in nav.get("liabilities", [])), Fraction(0))
    assets = sum(values, Fraction(0)) + sum((Fraction(e["value"]) for e in nav.get("other_assets", [])), Fraction(0)) + creations
    base = assets - liabilities - redemptions
    accruals = [(a["name"], rounded(base * Fraction(a["annual_rate"]) * a["days"] / Fraction(str(a["year_days"])), money, how))
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


def main():
    try:
        print(json.dumps(compute(json.load(open(sys.argv[1])))))
    except Refused:
        sys.exit("REFUSED")


if __name__ == "__main__":
    main()
