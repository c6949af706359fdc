#!/usr/bin/env python3
"""A second, naive implementation of `books compute`, written from the contract alone, in exact fractions.

usage: books.py EVENTS.jsonl [--lots RULE] [--lots-in-kind RULE] [--as-of DATE]
Prints positions, cash, liabilities, shares, gains, income, strikes as JSON; or REFUSED with the line, exit 1.
"""
import datetime
import json
import sys
from fractions import Fraction

from nav import rounded
from rates import cut, number, plain


class Refused(Exception):
    pass


def cents(value):
    return rounded(value, 2, "half_even")


# What each event has, and how it is read: c(oins), m(oney), b(alancing money of either sign), s(hares), n(umber), t(ext).
SHAPES = {"opening_lot": "asset:t quantity:c cost:m", "purchase": "asset:t quantity:c cash:m", "sale": "asset:t quantity:c cash:m",
          "fee_accrued": "name:t amount:m", "fee_paid": "name:t amount:m", "fee_paid_in_kind": "asset:t quantity:c value:m name?:t",
          "reward": "asset:t quantity:c value:m source:t", "penalty": "asset:t quantity:c value:m", "split": "ratio:n",
          "distribution": "cash:m", "price": "asset:t price:n", "strike": ""}


def decimals_of(value):
    places = 0
    while (value * 10 ** places).denominator != 1:
        places += 1
    return places


def read_amount(text, kind, decimals):
    value = number(text) if isinstance(text, str) else None
    if value is None or (kind in "mb" and decimals_of(value) > 2) or (kind == "m" and value < 0) or (kind in "csn" and value <= 0):
        raise Refused
    if kind == "c" and decimals_of(value) > decimals:
        raise Refused


def check(event, assets):
    """The contract's refusals of one line's shape."""
    kind = event["event"]
    fields = {k: v for k, v in event.items() if k not in ("date", "event")}
    if kind == "open":
        shape = "fund:t assets:- shares:-"
    elif kind in ("creation", "redemption"):
        form = "components:- cash:b" if "components" in fields else "asset:t quantity:c value:m" if "asset" in fields else "cash:m"
        shape = "shares:s " + form
    elif kind in SHAPES:
        shape = SHAPES[kind]
    else:
        raise Refused
    known = dict(word.split(":") for word in shape.split())
    if not {k for k in known if not k.endswith("?")} <= set(fields) <= {k.rstrip("?") for k in known}:
        raise Refused
    for key, how in known.items():
        key = key.rstrip("?")
        if key not in fields or how == "-":
            continue
        if how == "t":
            if not isinstance(fields[key], str) or not fields[key]:
                raise Refused
        else:
            if how == "c" and fields.get("asset") not in assets:
                raise Refused
            read_amount(fields[key], how, assets.get(fields.get("asset"), 0))
    for component in fields.get("components", []):
        if component["asset"] not in assets:
            raise Refused
        read_amount(component["quantity"], "c", assets[component["asset"]])
        read_amount(component["value"], "m", 0)


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
        self.fees[name] = self.fees.get(name, Fraction(0)) - amount

    def components(self, event):
        if "components" in event:
            return [(c["asset"], Fraction(c["quantity"]), Fraction(c["value"])) for c in event["components"]]
        return [(event["asset"], number(event["quantity"]), number(event["value"]))] if "asset" in event else []

    def net_assets(self):
        total = self.cash - sum(self.fees.values())
        for asset in self.assets:
            if self.held(asset) > 0:
                if asset not in self.prices:
                    return None
                total += cents(self.held(asset) * self.prices[asset])
        return total

    def apply(self, event):
        date = event.get("date")
        if not isinstance(date, str) or not isinstance(event.get("event"), str):
            raise Refused
        try:
            datetime.date.fromisoformat(date)
        except ValueError:
            raise Refused from None
        kind = event["event"]
        check(event, self.assets)
        if event["date"] < self.last or (kind == "open") == self.is_open:
            raise Refused
        self.last = event["date"]
        of = lambda key: number(event[key])
        if kind == "open":
            self.is_open = True
            self.assets = {a["asset"]: a["decimals"] for a in event["assets"]}
            self.shares = of("shares")
        elif kind == "opening_lot":
            self.add(event["asset"], of("quantity"), of("cost"))
        elif kind == "creation":
            for component in self.components(event):
                self.add(*component)
            self.pay(number(event.get("cash", "0")))
            self.shares += of("shares")
        elif kind == "redemption":
            if of("shares") > self.shares:
                raise Refused
            for asset, quantity, value in self.components(event):
                self.gain["redemption"] += value - self.relieve(asset, quantity, True)
            self.pay(-number(event.get("cash", "0")))
            self.shares -= of("shares")
        elif kind == "purchase":
            self.add(event["asset"], of("quantity"), of("cash"))
            self.pay(-of("cash"))
        elif kind == "sale":
            self.gain["sale"] += of("cash") - self.relieve(event["asset"], of("quantity"), False)
            self.pay(of("cash"))
        elif kind == "fee_accrued":
            self.fees[event["name"]] = self.fees.get(event["name"], Fraction(0)) + of("amount")
        elif kind == "fee_paid":
            self.pay_fee(event["name"], of("amount"))
            self.pay(-of("amount"))
        elif kind == "fee_paid_in_kind":
            self.gain["expense"] += of("value") - self.relieve(event["asset"], of("quantity"), True)
            self.pay_fee(event.get("name"), of("value"))
        elif kind == "reward":
            self.add(event["asset"], of("quantity"), of("value"))
            self.income[event["source"]] = self.income.get(event["source"], Fraction(0)) + of("value")
        elif kind == "penalty":
            self.gain["penalty"] -= self.relieve(event["asset"], of("quantity"), False)
        elif kind == "split":
            if (self.shares * of("ratio")).denominator != 1:
                raise Refused
            self.shares *= of("ratio")
        elif kind == "distribution":
            self.pay(-of("cash"))
        elif kind == "price":
            if event["asset"] not in self.assets:
                raise Refused
            self.prices[event["asset"]] = of("price")
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
        if as_of and answer is None and str(event.get("date", "")) > as_of:
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
