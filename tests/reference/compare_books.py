#!/usr/bin/env python3
"""Random lives of a fund through `navkeeper books compute` and through books.py: the answers, or the refused lines, must be equal,
the trial balance must balance, the roll-forward must foot, and ledger and hledger must agree with the trial balance.

usage: compare_books.py NAVKEEPER [CASES [SEED]]
"""
import datetime
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction

import books

ASSETS = {"BTC": 8, "ETH": 18, "CRO": 8, "X2": 0}


def quantity(dice, decimals, most=50):
    places = dice.randrange(0, decimals + 1)
    text = str(dice.randrange(0, most))
    if places:
        text += f".{dice.randrange(1, 10 ** places):0{places}d}"
    return text if Fraction(text) > 0 else "1"


def money(dice, most=200000):
    return f"{dice.randrange(0, most)}.{dice.randrange(100):02d}" if dice.randrange(3) else str(dice.randrange(0, most))


def a_life(dice, length):
    day = datetime.date(2026, 1, 2)
    events = [{"date": str(day), "event": "open", "fund": "X", "shares": dice.choice(["0", "1000"]),
               "assets": [{"asset": a, "decimals": d} for a, d in ASSETS.items()]}]
    valid, state = dice.randrange(4) > 0, books.Books("fifo", "fifo")
    state.apply(events[0])
    while len(events) < length:
        day += datetime.timedelta(days=dice.choice([0, 0, 1, 3]))
        asset = dice.choice(list(ASSETS))
        event = {"date": str(day), "event": dice.choice(["opening_lot", "creation", "creation", "redemption", "purchase", "sale", "fee_accrued",
                 "fee_paid", "fee_paid_in_kind", "reward", "penalty", "split", "distribution", "price", "price", "strike"])}
        kind = event["event"]
        of_asset = {"asset": asset, "quantity": quantity(dice, ASSETS[asset])}
        if kind == "opening_lot":
            event.update(of_asset, cost=money(dice))
        elif kind in ("creation", "redemption"):
            event["shares"] = str(dice.randrange(1, 20) * 10)
            form = dice.randrange(3)
            if form == 0:
                event["cash"] = money(dice)
            elif form == 1:
                event.update(of_asset, value=money(dice))
            else:
                event["components"] = [{"asset": a, "quantity": quantity(dice, ASSETS[a], 20), "value": money(dice)}
                                       for a in dice.sample(list(ASSETS), dice.randrange(1, 3))]
                event["cash"] = dice.choice(["", "-"]) + str(dice.randrange(1, 50)) + ".25"
        elif kind in ("purchase", "sale"):
            event.update(of_asset, cash=money(dice, 60000))
        elif kind in ("fee_accrued", "fee_paid"):
            event.update(name=dice.choice(["management fee", "custody fee"]), amount=money(dice, 500))
        elif kind == "fee_paid_in_kind":
            event.update(of_asset, value=money(dice, 300))
            if dice.randrange(2):
                event["name"] = "management fee"
        elif kind == "reward":
            event.update(of_asset, value=money(dice, 900), source=dice.choice(["consensus", "execution"]))
        elif kind == "penalty":
            event.update(of_asset, value=money(dice, 900))
        elif kind == "split":
            event["ratio"] = dice.choice(["4", "2", "0.5", "1.5", "0.25", "25E-1"])
        elif kind == "distribution":
            event["cash"] = money(dice, 400)
        elif kind == "price":
            event.update(asset=asset, price=dice.choice(["84000", "0.08123", "2960.4567", "1E-5", "0.00000000000000000001", "99999999999"]))
        if not valid and dice.randrange(6) == 0:
            event = spoilt(dice, event)
        trial = books.replay(events + [event])
        if isinstance(trial, int) and (valid or dice.randrange(40)):
            continue
        events.append(event)
        if isinstance(trial, int):
            break
    return events


def spoilt(dice, event):
    """The same with one thing wrong, or that may be."""
    event = json.loads(json.dumps(event))
    key = dice.choice([k for k in event if k not in ("components", "event")])
    kind = dice.randrange(6)
    if kind == 0 and key != "name":
        del event[key]
    elif kind == 1:
        event["surprise"] = "1"
    elif kind == 2:
        event["event"] = dice.choice(["open", "transfer", ""])
    elif kind == 3 and "asset" in event:
        event["asset"] = "DOGE"
    elif key != "name":
        event[key] = dice.choice(["-1", "0", "0.001", "", "x", "1e400", 1, None, True, "0.0000000000000000001", "9" * 39, "2026-02-30", "2025-12-31"])
    return event


def foots(answer):
    """None, or what does not balance."""
    sums = {}
    for row in answer["trial_balance"]:
        sums.setdefault(row["commodity"], Fraction(0))
        sums[row["commodity"]] += Fraction(row["debit"]) - Fraction(row["credit"])
    if any(sums.values()):
        return f"trial balance {sums}"
    held = {p["asset"]: p for p in answer["positions"]}
    for row in answer["rollforward"]:
        for what in ("quantity", "cost"):
            total = Fraction(row["opening"][what]) + sum(Fraction(a[what]) for a in row["additions"].values())
            total -= sum(Fraction(d[what]) for d in row["disposals"].values())
            if total != Fraction(row["closing"][what]) or total != Fraction(held.get(row["asset"], {what: "0"})[what]):
                return f"roll-forward of {row['asset']} in {what}"
        if row["closing"]["value"] is not None and row["change_in_unrealised"] is not None:
            total = Fraction(row["opening"]["value"]) + sum(Fraction(a["value"]) for a in row["additions"].values())
            total -= sum(Fraction(d["value"]) for d in row["disposals"].values())
            if total + Fraction(row["realised"]) + Fraction(row["change_in_unrealised"]) != Fraction(row["closing"]["value"]):
                return f"roll-forward of {row['asset']} in value"
    return None


def foreign_balances(command):
    """Account and commodity to amount, from `ledger` or `hledger`'s flat balance."""
    printed = subprocess.run(command, capture_output=True, text=True)
    if printed.returncode:
        return printed.stderr
    balances, pending = {}, []
    for line in printed.stdout.splitlines():
        if line.startswith("---"):
            break
        match = re.match(r'\s*(-?[\d.]+)(?: "?(\w+)"?)?(?:  (\S.*))?$', line)
        pending.append((match.group(2), Fraction(match.group(1))))
        if match.group(3):
            for commodity, amount in pending:
                balances[(match.group(3), commodity)] = amount
            pending = []
    return {key: amount for key, amount in balances.items() if amount}


def check_foreign(file, answer):
    ours = {(r["account"], r["commodity"]): Fraction(r["debit"]) - Fraction(r["credit"]) for r in answer["trial_balance"]}
    ours = {key: amount for key, amount in ours.items() if amount}
    for name, command in (("ledger", ["ledger", "--args-only", "-f", file, "balance", "--flat"]),
                          ("hledger", ["hledger", "-f", file, "balance", "--flat"])):
        if shutil.which(name):
            theirs = foreign_balances(command)
            if theirs != ours:
                return f"{name} reads {theirs}, the trial balance says {ours}"
    return None


def compare(navkeeper, dice, folder):
    events = a_life(dice, dice.choice([3, 10, 30, 80]))
    path, journal = os.path.join(folder, "events.jsonl"), os.path.join(folder, "journal.ledger")
    with open(path, "w") as file:
        file.writelines(json.dumps(e) + "\n" for e in events)
    rule = dice.choice(["fifo", "lifo", "highest_cost", "lowest_cost", "average"])
    in_kind = rule if rule == "average" else dice.choice([None, "fifo", "lifo", "highest_cost", "lowest_cost"])
    as_of = dice.choice(events[:-1] or events)["date"] if dice.randrange(3) == 0 else None
    command = [navkeeper, "books", "compute", path, "--json", "--lots", rule]
    command += ["--lots-in-kind", in_kind] if in_kind else []
    command += ["--as-of", as_of] if as_of else ["--ledger", journal]
    got = subprocess.run(command, capture_output=True, text=True)
    expected = books.replay(events, rule, in_kind, as_of)
    where = f"{rule} {in_kind} {as_of}\n{open(path).read()}"
    if isinstance(expected, int):
        if got.returncode != 1 or got.stdout or f":{expected}:" not in got.stderr.replace("line ", ":") or os.path.exists(journal):
            return f"line {expected} is to be refused: {got.returncode} {got.stderr}{got.stdout[:80]}\n{where}"
        return None
    if got.returncode:
        return f"refused: {got.stderr}\n{where}"
    answer = json.loads(got.stdout)
    problem = foots(answer)
    if not problem and not as_of:
        problem = check_foreign(journal, answer)
    if problem:
        return f"{problem}\n{where}"
    answer["liabilities"] = {row["name"]: row["amount"] for row in answer["liabilities"] if Fraction(row["amount"])}
    for key in ("realised_gain", "income"):
        answer[key] = {k: v for k, v in answer[key].items() if v != "0"}
    answer["positions"].sort(key=lambda p: p["asset"])
    for key, value in expected.items():
        if answer[key] != value:
            return f"{key}:\n  navkeeper {answer[key]}\n  reference {value}\n{where}"
    return None


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for case in range(cases):
        with tempfile.TemporaryDirectory() as folder:
            problem = compare(sys.argv[1], random.Random(seed * 1_000_003 + case), folder)
        if problem:
            print(f"case {case} of seed {seed}: {problem}")
            return 1
    print(f"{cases} cases of seed {seed} agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
