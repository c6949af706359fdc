#!/usr/bin/env python3
"""A second, naive implementation of `books compute`, written from the contract alone, in exact fractions.

usage: books.py EVENTS.jsonl [--lots RULE] [--lots-in-kind RULE] [--as-of DATE]
Prints positions, cash, liabilities, shares, gains, income, strikes as JSON; or REFUSED with the line, exit 1.
"""
import json
import sys
from fractions import Fraction

from nav import rounded
from rates import cut, plain


class Refused(Exception):
    pass


def cents(value):
    return rounded(value, 2, "half_even")


class Books:
    def __init__(self, rule, rule_in_kind):
        self.rule, self.rule_in_kind = rule, rule_in_kind
        self.assets, self.lots, self.prices, self.fees, self.income, self.strikes = {}, {}, {}, {}, {}, []
        self.cash = self.shares = Fraction(0)
        self.gain = dict.fromkeys(("sale", "redemption", "expense", "penalty"), Fraction(0))
        self.is_open, self.last, self.order = False, "", 0

    def held(self, asset):
        return sum((lot[1] for lot in self.lots.get(asset, [])), Fraction(0))

    def add(self, asset, quantity, cost):
        if asset not in self.assets:
            raise Refused
        lots = self.lots.setdefault(asset, [])
        self.order += 1
        if self.rule == "average" and lots:
            lots[0][1] += quantity
            lots[0][2] += cost
        else:
            lots.append([self.order, quantity, cost])

    def relieve(self, asset, quantity, in_kind):
        if asset not in self.assets or quantity > self.held(asset):
            raise Refused
        rule = self.rule_in_kind if in_kind else self.rule
        keys = {"fifo": lambda lot: lot[0], "average": lambda lot: lot[0], "lifo": lambda lot: -lot[0],
                "highest_cost": lambda lot: (-lot[2] / lot[1], lot[0]), "lowest_cost": lambda lot: (lot[2] / lot[1], lot[0])}
        relieved = Fraction(0)
        for lot in sorted(self.lots[asset], key=keys[rule]):
            taken = min(quantity, lot[1])
            cost = lot[2] if taken == lot[1] else cents(lot[2] * taken / lot[1])
            lot[1] -= taken
            lot[2] -= cost
            relieved += cost
            quantity -= taken
            if quantity == 0:
                break
        self.lots[asset] = [lot for lot in self.lots[asset] if lot[1] > 0]
        return relieved

    def pay(self, amount):
        if self.cash + amount < 0:
            raise Refused
        self.cash += amount

    def pay_fee(self, name, amount):
        if name is None:
            payable = [n for n, a in self.fees.items() if a > 0]
            if len(payable) != 1:
                raise Refused
            name = payable[0]
        if amount > self.fees.get(name, 0):
            raise Refused
        self.fees[name] -= amount

    def components(self, event):
        if "components" in event:
            return [(c["asset"], Fraction(c["quantity"]), Fraction(c["value"])) for c in event["components"]]
        return [(event["asset"], Fraction(event["quantity"]), Fraction(event["value"]))] if "asset" in event else []

    def net_assets(self):
        total = self.cash - sum(self.fees.values())
        for asset in self.assets:
            if self.held(asset) > 0:
                if asset not in self.prices:
                    return None
                total += cents(self.held(asset) * self.prices[asset])
        return total

    def apply(self, event):
        kind = event["event"]
        if event["date"] < self.last or (kind == "open") == self.is_open:
            raise Refused
        self.last = event["date"]
        number = lambda key: Fraction(event[key])
        if kind == "open":
            self.is_open = True
            self.assets = {a["asset"]: a["decimals"] for a in event["assets"]}
            self.shares = number("shares")
        elif kind == "opening_lot":
            self.add(event["asset"], number("quantity"), number("cost"))
        elif kind == "creation":
            for component in self.components(event):
                self.add(*component)
            self.pay(Fraction(event.get("cash", "0")))
            self.shares += number("shares")
        elif kind == "redemption":
            if number("shares") > self.shares:
                raise Refused
            for asset, quantity, value in self.components(event):
                self.gain["redemption"] += value - self.relieve(asset, quantity, True)
            self.pay(-Fraction(event.get("cash", "0")))
            self.shares -= number("shares")
        elif kind == "purchase":
            self.add(event["asset"], number("quantity"), number("cash"))
            self.pay(-number("cash"))
        elif kind == "sale":
            self.gain["sale"] += number("cash") - self.relieve(event["asset"], number("quantity"), False)
            self.pay(number("cash"))
        elif kind == "fee_accrued":
            self.fees[event["name"]] = self.fees.get(event["name"], Fraction(0)) + number("amount")
        elif kind == "fee_paid":
            self.pay_fee(event["name"], number("amount"))
            self.pay(-number("amount"))
        elif kind == "fee_paid_in_kind":
            self.gain["expense"] += number("value") - self.relieve(event["asset"], number("quantity"), True)
            self.pay_fee(event.get("name"), number("value"))
        elif kind == "reward":
            self.add(event["asset"], number("quantity"), number("value"))
            self.income[event["source"]] = self.income.get(event["source"], Fraction(0)) + number("value")
        elif kind == "penalty":
            self.gain["penalty"] -= self.relieve(event["asset"], number("quantity"), False)
        elif kind == "split":
            if (self.shares * number("ratio")).denominator != 1:
                raise Refused
            self.shares *= number("ratio")
        elif kind == "distribution":
            self.pay(-number("cash"))
        elif kind == "price":
            if event["asset"] not in self.assets:
                raise Refused
            self.prices[event["asset"]] = number("price")
        elif kind == "strike":
            net = self.net_assets()
            if net is None or self.shares == 0:
                raise Refused
            self.strikes.append({"date": event["date"], "net_assets": plain(net), "nav_per_share_unrounded": cut(net / self.shares, 21),
                                 "shares": plain(self.shares)})
        else:
            raise Refused

    def answer(self):
        positions = []
        for asset in self.assets:
            quantity = self.held(asset)
            if quantity == 0:
                continue
            cost = sum(lot[2] for lot in self.lots[asset])
            value = cents(quantity * self.prices[asset]) if asset in self.prices else None
            positions.append({"asset": asset, "quantity": plain(quantity), "cost": plain(cost),
                              "value": None if value is None else plain(value),
                              "unrealised": None if value is None else plain(value - cost)})
        net = self.net_assets()
        return {"positions": sorted(positions, key=lambda p: p["asset"]), "cash": plain(self.cash),
                "liabilities": {n: plain(a) for n, a in self.fees.items() if a},
                "shares_outstanding": plain(self.shares), "net_assets": None if net is None else plain(net),
                "nav_per_share_unrounded": None if net is None or self.shares == 0 else cut(net / self.shares, 21),
                "realised_gain": {k: plain(v) for k, v in self.gain.items() if v}, "income": {k: plain(v) for k, v in self.income.items() if v},
                "strikes": list(self.strikes)}


def replay(events, rule="fifo", rule_in_kind=None, as_of=None):
    """The answer as of a date, or the number of the first refused line."""
    books, answer = Books(rule, rule_in_kind or rule), None
    for line, event in enumerate(events, 1):
        if as_of and answer is None and event["date"] > as_of:
            answer = books.answer()
        try:
            books.apply(event)
        except Refused:
            return line
    return answer or books.answer()


if __name__ == "__main__":
    words = sys.argv[2:]
    options = dict(zip(words[::2], words[1::2]))
    events = [json.loads(line) for line in open(sys.argv[1])]
    print(json.dumps(replay(events, options.get("--lots", "fifo"), options.get("--lots-in-kind"), options.get("--as-of"))))
