#!/usr/bin/env python3
"""Random trade files and index definitions through `navkeeper rates compute` and through rates.py: the answers must be equal, refusals too.

usage: compare_rates.py NAVKEEPER [CASES [SEED]]
"""
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATES = ["2023-09-05", "2024-03-10", "2024-11-03", "2024-02-29"]


def spelled(dice, value):
    """One of the ways to write the same number."""
    kind = dice.randrange(6)
    text = value
    if kind == 0 and "." in text:
        return text + "0" * dice.randrange(1, 4)
    if kind == 1:
        return "0" + text
    if kind == 2 and "." in text and len(text) < 25:
        whole, _, part = text.partition(".")
        return f"{whole}{part}{dice.choice('eE')}-{len(part)}"
    if kind == 3:
        return "+" + text
    return text


def size(dice):
    kind = dice.randrange(8)
    if kind == 0:
        return str(dice.randrange(1, 5))
    if kind == 1:
        return "0." + "0" * dice.randrange(0, 30) + str(dice.randrange(1, 99999))
    if kind == 2:
        return str(dice.randrange(1, 10 ** dice.randrange(1, 30)))
    return f"{dice.randrange(0, 3)}.{dice.randrange(1, 10**8):08d}"


def price(dice, level):
    kind = dice.randrange(12)
    if kind == 0:
        return str(level)
    if kind == 1:
        return f"{level}.{dice.randrange(10**12):012d}"
    return f"{level + dice.randrange(-3, 4)}.{dice.randrange(100):02d}"


def bad(dice, row):
    row = list(row)
    if dice.randrange(6) == 0:  # too few fields, or too many: write_file takes what is there
        return row[:dice.randrange(1, 6)] if dice.randrange(2) else row + ["one", "more"]
    row[dice.randrange(5)] = dice.choice(["", "x", "-1", "0", "nan", "1e400", "9" * 400, "2023-09-05", "0.000", " ", "1 "])
    return row


def quoted(dice, field):
    if dice.randrange(10) == 0 or any(c in field for c in ',"\n\r'):
        return '"' + field.replace('"', '""') + '"'
    return field


def write_file(dice, path, rows, columns):
    end = dice.choice(["\n", "\r\n"])
    text = dice.choice(["", "\ufeff"]) + dice.choice(["", "", "", end]) + ",".join(quoted(dice, c) for c in columns) + end
    names = ["time", "venue", "pair", "price", "size", "id"]
    for row in rows:
        fields = [row[names.index(c)] if c in names else "" for c in columns] if len(row) == 6 else row
        text += ",".join(quoted(dice, field) for field in fields) + (dice.choice(["\n", "\r\n"]) if dice.randrange(20) == 0 else end)
        if dice.randrange(30) == 0:
            text += end
    data = text.encode()
    if dice.randrange(3) == 0:
        data = data.rstrip(b"\r\n")  # no line end after the last row
    if dice.randrange(4) == 0:
        middle = dice.randrange(len(data)) if dice.randrange(3) == 0 else 0  # gzip of two members is one file
        data = (gzip.compress(data[:middle]) if middle else b"") + gzip.compress(data[middle:])
    with open(path, "wb") as file:
        file.write(data)


def spoilt_header(dice, columns):
    columns = list(columns)
    kind = dice.randrange(3)
    if kind == 0:
        columns.append(dice.choice(["side", "", "Time", "price "]))
    elif kind == 1:
        columns[columns.index("price")] = "size"
    else:
        columns.remove("venue")
    return columns


def spoilt_index(dice, toml):
    line = dice.choice(toml.splitlines())
    return toml.replace(line + "\n", dice.choice(["", line + "\nsurprise = 1\n", line.split("=")[0] + '= "nonsense"\n']), 1)


def a_case(dice, folder):
    date = dice.choice(DATES)
    zone, strike, utc_hours = dice.choice([("America/New_York", "16:00", {"2023-09-05": 20, "2024-03-10": 20, "2024-11-03": 21, "2024-02-29": 21}),
                                           ("Europe/London", "16:00", {"2023-09-05": 15, "2024-03-10": 16, "2024-11-03": 16, "2024-02-29": 16}),
                                           ("UTC", "12:30", {d: 12.5 for d in DATES}),
                                           ("America/New_York", "03:30", {"2023-09-05": 7.5, "2024-03-10": 7.5, "2024-11-03": 8.5, "2024-02-29": 8.5}),
                                           ("America/New_York", "02:30", {"2023-09-05": 6.5, "2024-03-10": 7, "2024-11-03": 7.5, "2024-02-29": 7.5}),
                                           ("Asia/Kolkata", "16:00", {d: 10.5 for d in DATES}),
                                           ("America/New_York", "01:30", {"2023-09-05": 5.5, "2024-03-10": 6.5, "2024-11-03": 5.5, "2024-02-29": 6.5})])
    minutes = dice.choice([1, 5, 60, 60, 120, 1440])
    partitions = dice.choice([1, 3, 10, 12, 20, 60]) if dice.randrange(12) else dice.choice([7, 11, 4000])
    venues = dice.sample(["coinbase", "kraken", "gemini", "bitstamp", "a,b", "b\u00f6rse"], dice.randrange(1, 6))
    plain = dice.randrange(3) == 0  # few prices and sizes: halves are met exactly
    weights = '"equal"'
    if dice.randrange(2):
        weights = json.dumps([dice.choice(["0", "0.5", "22.902126", 3, 0, 1]) for _ in range(partitions - 1)] + [1])
    toml = f'''id = "NK_TEST"
pair = "BTC/USD"
strike_time = "{strike}"
time_zone = "{zone}"
window_minutes = {minutes}
partitions = {partitions}
statistic = "{dice.choice(["volume_weighted_median", "volume_weighted_median", "vwap"])}"
tie = "{dice.choice(["lower", "average"])}"
empty_partition = "{dice.choice(["drop", "carry"])}"
weights = {weights}
venues = {json.dumps(venues)}
venue_deviation_max = "{dice.choice(["0.0001", "0.01", "0.05", "0.5", "1"])}"
venue_deviation_reference = "{dice.choice(["others", "all"])}"
minimum_venues = {dice.choice([1, 1, 1, 1, 1, 2])}
decimals = {dice.choice([0, 2, 6, 12])}
rounding = "{dice.choice(["half_up", "half_even", "down"])}"
'''
    index = os.path.join(folder, "index.toml")
    if dice.randrange(15) == 0:
        toml = spoilt_index(dice, toml)
    with open(index, "w") as file:
        file.write(toml)
    end_s = int(utc_hours[date] * 3600)
    level = dice.choice([3, 100, 25770])
    rows = []
    for _ in range(dice.choice([0, 1, 5, 40, 40, 200, 200])):
        second = end_s - dice.randrange(-60, minutes * 60 + 120)
        if dice.randrange(10) == 0:
            second = end_s - dice.choice([0, minutes * 60])
        second %= 86400
        fraction = dice.choice(["", ".5", ".123456789", ".000000001", ".999999999"])
        hour, rest = divmod(second, 3600)
        if dice.randrange(4) == 0 and 3 <= hour <= 20:
            offset = dice.choice(["+02:00", "-03:00", "+00:00"])
            when = f"{date}T{hour + int(offset[:3]):02d}:{rest // 60:02d}:{rest % 60:02d}{fraction}{offset}"
        else:
            when = f"{date}T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}{fraction}Z"
        if dice.randrange(12) == 0:
            when = when.replace("T", dice.choice(["t", " ", "_"])).replace("Z", dice.choice(["z", "Z", "+0000"]))
        if dice.randrange(20) == 0:  # what 64 bits of nanoseconds cannot hold is a time that counts nowhere
            when = dice.choice(["1500-06-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0000-02-29T00:00:00Z", "2263-01-01T00:00:00+02:00",
                                "2262-12-31T22:00:00Z", "1677-09-20T00:00:00.5Z"])
        name = str(dice.randrange(60))
        if dice.randrange(5) == 0:
            name = dice.choice(['"', "a,b", "two\nlines", "n\u00ba 7", "\U0001f4b0"]) + name[:1]
        trade = (when, dice.choice(["coinbase", "kraken", "gemini", "bitstamp", "a,b", "b\u00f6rse", "other"]),
                 "BTC/USD" if dice.randrange(10) else "ETH/USD",
                 str(level + dice.randrange(3)) if plain else price(dice, level), str(dice.randrange(1, 3)) if plain else size(dice),
                 name if dice.randrange(3) == 0 else "")
        for _ in range(dice.choice([1, 1, 1, 1, 1, 2])):
            copy = (trade[0], trade[1], trade[2], spelled(dice, trade[3]), spelled(dice, trade[4]), trade[5])
            rows.append(bad(dice, copy) if dice.randrange(25) == 0 else copy)
    dice.shuffle(rows)
    files = []
    count = dice.choice([1, 1, 2, 3])
    for i in range(count):
        columns = ["time", "venue", "pair", "price", "size", "id"]
        if dice.randrange(4) == 0:
            columns.remove("id")
        dice.shuffle(columns)
        if dice.randrange(40) == 0:
            columns = spoilt_header(dice, columns)
        path = os.path.join(folder, f"trades{i}.csv")
        write_file(dice, path, rows[i::count], columns)
        files.append(path)
    previous = ["--previous", dice.choice(["123", "9"])] if dice.randrange(3) == 0 else []
    return index, date, files, previous


def main():
    navkeeper = sys.argv[1]
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    statuses = {}
    for case in range(cases):
        dice = random.Random(seed * 1_000_003 + case)
        with tempfile.TemporaryDirectory() as folder:
            index, date, files, previous = a_case(dice, folder)
            ours = [navkeeper, "rates", "compute", "--index", index, "--date", date, "--json"] + previous
            for file in files:
                ours += ["--trades", file]
            got = subprocess.run(ours, capture_output=True, text=True)
            expected = subprocess.run([sys.executable, os.path.join(HERE, "rates.py"), index, date] + previous + files,
                                      capture_output=True, text=True)
            if expected.returncode == 3:
                if got.returncode == 1 and not got.stdout and len(got.stderr.splitlines()) == 1:
                    statuses["refused"] = statuses.get("refused", 0) + 1
                    continue
                print(f"case {case} of seed {seed} is to be refused: {got.returncode} {got.stderr}{got.stdout[:200]}\n{open(index).read()}")
                for file in files:
                    print(subprocess.run(["sh", "-c", f"zcat -f {file} | head -5"], capture_output=True, text=True).stdout)
                return 1
            try:
                ours_answer = json.loads(got.stdout)
                for row in ours_answer["rejected"]["first"]:
                    assert row.pop("reason")
                answer = json.loads(expected.stdout)
                if ours_answer != answer or got.returncode != expected.returncode:
                    for key in answer:
                        if ours_answer.get(key) != answer[key]:
                            print(f"{key}:\n  navkeeper {ours_answer.get(key)}\n  reference {answer[key]}")
                    raise AssertionError(f"exit codes {got.returncode} and {expected.returncode}")
            except (AssertionError, KeyError, ValueError) as error:
                print(f"case {case} of seed {seed} differs: {error}\n{got.stderr}{expected.stderr}")
                print(open(index).read())
                for file in files:
                    print(subprocess.run(["sh", "-c", f"zcat -f {file} | head -50"], capture_output=True, text=True).stdout)
                return 1
            statuses[answer["status"]] = statuses.get(answer["status"], 0) + 1
    print(f"{cases} cases of seed {seed} agree: {statuses}")
    return 0 if statuses.get("ok", 0) > cases // 4 else 1


if __name__ == "__main__":
    sys.exit(main())
