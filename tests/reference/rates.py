#!/usr/bin/env python3
"""A second, naive implementation of `rates compute`, written from the contract alone: exact fractions, sorted lists.

usage: rates.py INDEX.toml DATE [--previous VALUE] TRADES...
Prints the answer as JSON, or REFUSED and exits 3: for a header that is not the contract's, a strike time that does not exist
that day, a window that does not divide, an index file with a key missing, unknown or out of its words.
"""
import csv
import datetime
import io
import gzip
import json
import re
import sys
import tomllib
import zoneinfo
from fractions import Fraction

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def number(text):
    if not NUMBER.match(text) or len(text) > 90:
        return None
    mantissa = re.split("[eE]", text.lstrip("+-"))[0]
    before, _, after = mantissa.partition(".")
    if len(before) > 38 or len(after) > 38:
        return None
    value = Fraction(text)
    if value == 0:
        return value
    if abs(value) >= 10**38 or (value * 10**38).denominator != 1:
        return None
    return value


def instant(text):
    match = TIME.match(text)
    if not match:
        return None
    year = int(match.group(1))
    era_days = 0 if year > 0 else 146097  # the year 0 is a leap year that Python does not have: 400 is like it
    try:
        when = datetime.datetime(year or 400, *map(int, match.group(2, 3, 4, 5, 6)), tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
    zone = match.group(8)
    offset = 0
    if zone not in "Zz":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 23 or minutes > 59:
            return None
        offset = (hours * 60 + minutes) * 60 * (1 if zone[0] == "+" else -1)
    delta = when - EPOCH
    return ((delta.days - era_days) * 86400 + delta.seconds - offset) * 10**9 + int((match.group(7) or ".0")[1:].ljust(9, "0"))


class Refused(Exception):
    pass


WORDS = {"statistic": ("volume_weighted_median", "vwap"), "tie": ("lower", "average"), "empty_partition": ("drop", "carry"),
         "venue_deviation_reference": ("others", "all"), "rounding": ("half_even", "half_up", "down")}
KEYS = {"id", "pair", "strike_time", "time_zone", "window_minutes", "partitions", "weights", "venues", "venue_deviation_max",
        "minimum_venues", "decimals"} | set(WORDS)


def check_index(index):
    whole = ("window_minutes", "partitions", "minimum_venues", "decimals")
    if set(index) != KEYS or any(not isinstance(index[key], int) for key in whole) or not isinstance(index["venues"], list):
        raise Refused
    if "/" not in index["pair"] or index["time_zone"] not in zoneinfo.available_timezones() or not re.match(r"\d\d:\d\d\Z", index["strike_time"]):
        raise Refused
    if number(index["venue_deviation_max"]) is None or (index["weights"] != "equal" and not isinstance(index["weights"], list)):
        raise Refused
    if any(index[key] not in words for key, words in WORDS.items()):
        raise Refused
    if index["weights"] != "equal":
        weights = [number(str(w)) for w in index["weights"]]
        if len(weights) != index["partitions"] or None in weights or min(weights) < 0 or sum(weights) == 0:
            raise Refused
    if index["window_minutes"] * 60 * 10**9 % index["partitions"] or not index["venues"] or len(set(index["venues"])) != len(index["venues"]):
        raise Refused


def cut(value, decimals):
    scaled = abs(value.numerator) * 10**decimals // value.denominator
    text = str(scaled).rjust(decimals + 1, "0")
    text = text[:-decimals] + "." + text[-decimals:] if decimals else text
    return ("-" if value < 0 and scaled else "") + text


def quotient(value):
    text = cut(value, 21)
    return text.rstrip("0").rstrip(".")


def plain(value):
    """An exact decimal: without exponent, without trailing zeros."""
    text = cut(value, 80)
    return text.rstrip("0").rstrip(".")


def rounded(value, decimals, how):
    scaled = value * 10**decimals
    floor = scaled.numerator // scaled.denominator
    rest = scaled - floor
    if how == "down":
        whole = floor if value >= 0 or rest == 0 else floor + 1
    elif rest == Fraction(1, 2):
        whole = (floor + 1 if value > 0 else floor) if how == "half_up" else floor + (floor & 1)
    else:
        whole = floor + (rest > Fraction(1, 2))
    return cut(Fraction(whole, 10**decimals), decimals)


def weighted_median(trades, tie):
    total = sum(size for _, size in trades)
    running = Fraction(0)
    ordered = sorted(trades)
    for i, (price, size) in enumerate(ordered):
        running += size
        if 2 * running >= total:
            if tie == "average" and 2 * running == total and i + 1 < len(ordered):
                return (price + ordered[i + 1][0]) / 2  # the same price where more was traded at it
            return price
    raise AssertionError


def statistic(index, trades):
    if index["statistic"] == "vwap":
        return sum(p * s for p, s in trades) / sum(s for _, s in trades)
    return weighted_median(trades, index["tie"])


def when_text(ns):
    seconds, rest = divmod(ns, 10**9)
    text = (EPOCH + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + ("." + str(rest).rjust(9, "0").rstrip("0") if rest else "") + "Z"


def read(paths):
    good, rejected = [], []
    for path in paths:
        raw = open(path, "rb").read()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
        header = None
        line = 1
        for row in rows:
            at, line = line, rows.line_num + 1
            if not row:
                continue
            if header is None:
                header = row
                if len(set(row)) != len(row) or not {"time", "venue", "pair", "price", "size"} <= set(row) <= {"time", "venue", "pair", "price", "size", "id"}:
                    raise Refused
                continue
            if len(row) != len(header):
                rejected.append((path, at))
                continue
            fields = dict(zip(header, row))
            time, price, size = instant(fields["time"]), number(fields["price"]), number(fields["size"])
            if time is None or not price or price < 0 or not size or size < 0 or not fields["venue"] or not fields["pair"]:
                rejected.append((path, at))
                continue
            good.append((path, at, time, fields["venue"], fields["pair"], price, size, fields.get("id", "")))
        if header is None:
            raise Refused
    copies = {}
    for trade in good:
        if trade[7]:
            copies.setdefault((trade[3], trade[4], trade[7]), []).append(trade)
    kept = [trade for trade in good if not trade[7]]
    for same in copies.values():
        if len({(t[2], t[5], t[6]) for t in same}) > 1:
            rejected += [t[:2] for t in same]
        else:
            kept.append(same[0])
    order = {path: i for i, path in enumerate(paths)}
    return kept, sorted(rejected, key=lambda r: (order[r[0]], r[1]))


def main():
    arguments = sys.argv[1:]
    previous = None
    if "--previous" in arguments:
        at = arguments.index("--previous")
        previous = arguments[at + 1]
        del arguments[at:at + 2]
    index = tomllib.load(open(arguments[0], "rb"))
    check_index(index)
    date = datetime.date.fromisoformat(arguments[1])
    hour, minute = map(int, index["strike_time"].split(":"))
    local = datetime.datetime(date.year, date.month, date.day, hour, minute, tzinfo=zoneinfo.ZoneInfo(index["time_zone"]))
    if local.astimezone(datetime.timezone.utc).astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Refused
    strike = int((local.astimezone(datetime.timezone.utc) - EPOCH).total_seconds()) * 10**9
    window = index["window_minutes"] * 60 * 10**9
    count = index["partitions"]
    start = strike - window
    trades, rejected = read(arguments[2:])
    ignored = sum(t[4] == index["pair"] and start <= t[2] < strike and t[3] not in index["venues"] for t in trades)
    inside = [t for t in trades if t[3] in index["venues"] and t[4] == index["pair"] and start <= t[2] < strike]

    by_venue = {venue: [(t[5], t[6]) for t in inside if t[3] == venue] for venue in index["venues"]}
    medians = {venue: weighted_median(rows, index["tie"]) for venue, rows in by_venue.items() if rows}
    venues, remaining = [], set()
    for venue in index["venues"]:
        answer = {"venue": venue, "trades": len(by_venue[venue]), "volume": plain(sum((s for _, s in by_venue[venue]), Fraction(0))),
                  "median": None, "deviation": None, "excluded": False}
        if venue in medians:
            others = sorted(m for v, m in medians.items() if v != venue or index["venue_deviation_reference"] == "all")
            answer["median"] = quotient(medians[venue])
            answer["deviation"] = "0"
            if len(medians) > 1:
                reference = (others[(len(others) - 1) // 2] + others[len(others) // 2]) / 2
                deviation = abs(medians[venue] - reference) / reference
                answer["deviation"] = quotient(deviation)
                answer["excluded"] = deviation > number(index["venue_deviation_max"])
            if not answer["excluded"]:
                remaining.add(venue)
        venues.append(answer)

    partitions, values = [], []
    for k in range(count):
        rows = [(t[5], t[6]) for t in inside if t[3] in remaining and (t[2] - start) * count // window == k]
        value = statistic(index, rows) if rows else None
        carried = value
        if value is None and index["empty_partition"] == "carry" and values:
            carried = values[-1]
        values.append(carried)
        partitions.append({"start": when_text(start + k * window // count), "trades": len(rows),
                           "volume": plain(sum((s for _, s in rows), Fraction(0))),
                           "value": None if value is None else quotient(value)})
    weights = [Fraction(1)] * count if index["weights"] == "equal" else [number(str(w)) for w in index["weights"]]
    present = [(v, w) for v, w in zip(values, weights) if v is not None]
    total = sum((w for _, w in present), Fraction(0))
    answer = {"index": index["id"], "pair": index["pair"], "date": arguments[1], "status": "ok",
              "window": {"start": when_text(start), "end": when_text(strike)}}
    if total > 0 and len(remaining) >= index["minimum_venues"]:
        exact = sum(v * w for v, w in present) / total
        answer["value"] = rounded(exact, index["decimals"], index["rounding"])
        answer["unrounded"] = cut(exact, 21)
    else:
        answer["status"] = "previous" if previous else "failed"
        answer["value"] = cut(Fraction(previous), index["decimals"]) if previous else None
        answer["unrounded"] = None
    answer.update(partitions=partitions, venues=venues, ignored=ignored,
                  rejected={"count": len(rejected), "first": [{"file": f, "line": n} for f, n in rejected[:10]]})
    print(json.dumps(answer))
    return 1 if answer["status"] == "failed" else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused:
        print("REFUSED", file=sys.stderr)
        sys.exit(3)
