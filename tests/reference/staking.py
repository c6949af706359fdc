"""What `navkeeper staking compute` must answer, written from the contract and the Cosmos SDK's published method with
periods kept one by one and whole numbers scaled by 10^18."""
ONE = 10 ** 18


def dec(text):
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, part = text.partition(".")
    return sign * (int(whole or "0") * ONE + int((part + "0" * 18)[:18]))


def show(value, places=None):
    text = f"{value // ONE}.{value % ONE:018d}"
    return text if places else text.rstrip("0").rstrip(".")


def half_even(number, divisor):
    quotient, rest = divmod(number, divisor)
    return quotient + (1 if 2 * rest > divisor or (2 * rest == divisor and quotient % 2) else 0)


def quo(a, b):
    """a / b of the chain: 36 decimals cut, then 18 rounded."""
    return half_even(a * ONE * ONE // b, ONE)


class Refused(Exception):
    pass


class Validator:
    def __init__(self, rate):
        self.rate, self.tokens, self.shares = dec(rate), 0, 0
        self.commission = self.outstanding = self.current = 0
        self.historical, self.period = {0: 0}, 1
        self.slashes, self.people, self.block = [], {}, 0

    def increment(self):
        ratio = 0
        if self.tokens == 0:
            self.outstanding -= self.current
        else:
            ratio = self.current // self.tokens
        self.historical[self.period] = self.historical[self.period - 1] + ratio
        self.current = 0
        self.period += 1
        return self.period - 1

    def worth(self, shares):
        return quo(shares * self.tokens, self.shares) if shares else 0

    def rewards(self, person, end):
        def between(a, b, stake):
            return (self.historical[b] - self.historical[a]) * stake // ONE
        start, stake, total = person["period"], person["start_stake"], 0
        for height, period, fraction in self.slashes:
            if person["height"] <= height <= self.block and period > start:
                total += between(start, period, stake)
                stake = stake * (ONE - fraction) // ONE
                start = period
        now = self.worth(person["shares"])
        if stake > now:
            if stake > now + 3:
                raise Refused("halt")
            stake = now
        return total + between(start, end, stake)

    def settle(self, person):
        amount = min(self.rewards(person, self.increment()), self.outstanding)
        self.outstanding -= amount
        person["paid"] += amount // ONE
        person["dust"] += amount % ONE

    def begin(self, person):
        person["period"], person["height"] = self.period - 1, self.block
        person["start_stake"] = person["shares"] * self.tokens * ONE // self.shares if person["shares"] else 0

    def apply(self, event):
        self.block += 1
        kind = event["event"]
        person = self.people.get(event.get("delegator"))
        holds = person is not None and person["shares"] > 0
        if kind == "allocate":
            rewards = dec(event["rewards"])
            commission = half_even(rewards * self.rate, ONE)
            self.commission += commission
            self.outstanding += rewards
            self.current += rewards - commission
        elif kind == "slash":
            burned = self.tokens * dec(event["fraction"]) // ONE
            if burned:
                fraction = min(-(-burned * ONE // self.tokens), ONE)
                self.slashes.append((self.block, self.increment(), fraction))
                self.tokens -= burned
        elif kind == "delegate":
            amount = int(event["amount"])
            if amount <= 0 or (self.shares and not self.tokens):
                raise Refused(kind)
            if holds:
                self.settle(person)
            else:
                self.increment()
                person = self.people.setdefault(event["delegator"], {"shares": 0, "paid": 0, "dust": 0})
            issued = self.shares * amount // self.tokens if self.shares else amount * ONE
            self.tokens += amount
            self.shares += issued
            person["shares"] += issued
            self.begin(person)
        elif kind == "undelegate":
            amount = int(event["amount"])
            if amount <= 0 or not holds or not self.tokens:
                raise Refused(kind)
            shares = self.shares * amount // self.tokens
            if shares > person["shares"]:
                raise Refused(kind)
            self.settle(person)
            person["shares"] -= shares
            self.begin(person)
            self.tokens -= self.tokens if shares == self.shares else self.worth(shares) // ONE
            self.shares -= shares
        else:
            if not holds:
                raise Refused(kind)
            self.settle(person)
            self.begin(person)


def compute_cosmos(file):
    validator = Validator(file["validator"]["commission_rate"])
    for event in file["events"]:
        validator.apply(event)
    validator.block += 1
    end = validator.increment()
    return {"commission": show(validator.commission, 18), "validator_tokens": str(validator.tokens), "delegators": [
        {"delegator": name, "stake": str(validator.worth(person["shares"]) // ONE),
         "unclaimed": show(validator.rewards(person, end) if person["shares"] else 0, 18),
         "paid": str(person["paid"]), "dust": show(person["dust"])} for name, person in validator.people.items()]}


def compute_ether(file):
    signs = {"withdrawal": 1, "consolidation_out": 1, "moved_to_pending": 1, "deposit": -1, "consolidation_in": -1}
    answer = {"validators": [], "outside": []}
    total = 0
    for validator in file["validators"]:
        income, kinds = int(validator["closing_gwei"]) - int(validator["opening_gwei"]), {}
        for flow in validator.get("flows", []):
            if file["from_slot"] < flow["slot"] <= file["to_slot"]:
                income += signs[flow["kind"]] * int(flow["amount_gwei"])
                kinds[flow["kind"]] = str(int(kinds.get(flow["kind"], "0")) + int(flow["amount_gwei"]))
            else:
                answer["outside"].append({"index": validator["index"], **flow})
        total += income
        answer["validators"].append({"index": validator["index"], "opening_gwei": validator["opening_gwei"],
                                     "closing_gwei": validator["closing_gwei"], "income_gwei": str(income), "by_kind": kinds})
    answer["total_income_gwei"] = str(total)
    return answer


def compute(file):
    return compute_ether(file) if file["chain"] == "ethereum" else compute_cosmos(file)
