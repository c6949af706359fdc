#include "tests/unit/services/nav/books/naive_books.h"

#include <algorithm>
#include <cassert>

namespace navkeeper::tests {
namespace {

Big power(int exponent) { return boost::multiprecision::pow(Big(10), static_cast<unsigned>(exponent)); }

/// a / b to the nearest, a half to the even neighbour; a >= 0, b > 0.
Big half_even(const Big& a, const Big& b) {
  const Big quotient = a / b;
  const Big twice = (a - quotient * b) * 2;
  return twice > b || (twice == b && quotient % 2 == 1) ? Big(quotient + 1) : quotient;
}

std::size_t decimals_of(const std::string& text) {
  const auto point = text.find('.');
  return point == std::string::npos ? 0 : text.size() - point - 1;
}

}  // namespace

Big scaled(const std::string& text, int decimals) {
  const bool negative = !text.empty() && text[0] == '-';
  std::string digits = negative ? text.substr(1) : text;
  const auto after = decimals_of(digits);
  assert(after <= static_cast<std::size_t>(decimals));
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  digits.append(static_cast<std::size_t>(decimals) - after, '0');
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const Big value(digits);
  return negative ? Big(-value) : value;
}

std::string plain(const Big& units, int decimals) {
  std::string digits = Big(boost::multiprecision::abs(units)).str();
  if (decimals > 0) {
    const auto places = static_cast<std::size_t>(decimals);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
    while (digits.back() == '0') digits.pop_back();
    if (digits.back() == '.') digits.pop_back();
  }
  return units < 0 ? "-" + digits : digits;
}

std::string per_share(const Big& net_assets, const Big& shares) {
  const Big cut = boost::multiprecision::abs(net_assets) * power(21) / (shares * 100);
  std::string digits = cut.str();
  if (digits.size() <= 21) digits.insert(0, 22 - digits.size(), '0');
  digits.insert(digits.size() - 21, ".");
  return net_assets < 0 && cut != 0 ? "-" + digits : digits;
}

std::string to_json_line(const PlainEvent& event) {
  std::string line = R"({"date":")" + event.date + R"(","event":")" + event.kind + '"';
  if (event.kind == "open")
    line +=
        R"(,"assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18},{"asset":"CRO2","decimals":8}])";
  const auto members = [](const Fields& fields) {
    std::string text;
    for (const auto& [key, value] : fields) text += ",\"" + key + "\":\"" + value + '"';
    return text;
  };
  line += members(event.fields);
  if (!event.components.empty()) {
    line += ",\"components\":[";
    for (std::size_t i = 0; i < event.components.size(); ++i)
      line += (i == 0 ? "{" : ",{") + members(event.components[i]).substr(1) + "}";
    line += ']';
  }
  return line + "}\n";
}

Big PlainBooks::held(const std::string& asset) const {
  Big sum = 0;
  if (const auto found = lots.find(asset); found != lots.end())
    for (const PlainLot& lot : found->second) sum += lot.quantity;
  return sum;
}

Big PlainBooks::cost(const std::string& asset) const {
  Big sum = 0;
  if (const auto found = lots.find(asset); found != lots.end())
    for (const PlainLot& lot : found->second) sum += lot.cost;
  return sum;
}

std::optional<Big> PlainBooks::value(const std::string& asset) const {
  const Big quantity = held(asset);
  if (quantity == 0) return Big(0);
  const auto price = prices.find(asset);
  if (price == prices.end()) return std::nullopt;
  const int scale = decimals.at(asset) + 10;
  return half_even(quantity * scaled(price->second, 10) * 100, power(scale));
}

std::optional<Big> PlainBooks::net_assets() const {
  Big sum = cash;
  for (const auto& [asset, places] : decimals) {
    const auto worth = value(asset);
    if (!worth) return std::nullopt;
    sum += *worth;
  }
  for (const auto& [name, amount] : payable) sum -= amount;
  return sum;
}

void PlainBooks::acquire(const Fields& coins, const std::string& cause, const Big& value) {
  const std::string& asset = coins.at("asset");
  const Big quantity = scaled(coins.at("quantity"), decimals.at(asset));
  lots[asset].push_back({quantity, value});
  PlainFlow& flow = flows[asset][cause];
  flow.quantity += quantity;
  flow.cost += value;
  flow.value += value;
}

bool PlainBooks::dispose(const Fields& coins, const std::string& rule, const std::string& cause,
                         const Big& value) {
  const std::string& asset = coins.at("asset");
  Big left = scaled(coins.at("quantity"), decimals.at(asset));
  if (left > held(asset)) return false;
  PlainFlow& flow = flows[asset][cause];
  flow.quantity += left;
  auto& own = lots[asset];
  if (rule == "average") {
    const PlainLot all{held(asset), cost(asset)};
    own.assign(1, all);
  }
  Big relieved = 0;
  while (left > 0) {
    // Which lot goes first, by looking at all of them.
    std::size_t best = 0;
    for (std::size_t i = 1; i < own.size(); ++i) {
      const Big mine = own[i].cost * own[best].quantity;
      const Big its = own[best].cost * own[i].quantity;
      if (rule == "lifo" || (rule == "highest_cost" && mine > its) || (rule == "lowest_cost" && mine < its))
        best = i;
    }
    const Big part = std::min(left, own[best].quantity);
    const Big part_cost =
        part == own[best].quantity ? own[best].cost : half_even(own[best].cost * part, own[best].quantity);
    relieved += part_cost;
    left -= part;
    own[best].quantity -= part;
    own[best].cost -= part_cost;
    if (own[best].quantity == 0) own.erase(own.begin() + static_cast<std::ptrdiff_t>(best));
  }
  flow.cost += relieved;
  flow.value += value;
  gains[cause] += value - relieved;
  return true;
}

bool PlainBooks::apply(const PlainEvent& event) {
  const PlainBooks before = *this;
  if (try_apply(event)) return true;
  *this = before;
  return false;
}

bool PlainBooks::try_apply(const PlainEvent& event) {
  const auto& kind = event.kind;
  const auto field = [&](const char* key) { return event.fields.at(key); };
  const auto money = [&](const char* key) { return scaled(field(key), 2); };
  if ((kind == "open") != decimals.empty() || event.date < last_date) return false;
  last_date = event.date;
  if (event.fields.count("asset") != 0 && decimals.count(field("asset")) == 0) return false;
  for (const Fields& coins : event.components)
    if (decimals.count(coins.at("asset")) == 0) return false;

  if (kind == "open") {
    decimals = {{"BTC", 8}, {"ETH", 18}, {"CRO2", 8}};
    shares = scaled(field("shares"), 0);
  } else if (kind == "opening_lot") {
    acquire(event.fields, "opening_lot", money("cost"));
  } else if (kind == "creation" || kind == "redemption") {
    const bool in = kind == "creation";
    std::vector<Fields> components = event.components;
    if (event.fields.count("asset") != 0) components.push_back(event.fields);
    for (const Fields& coins : components) {
      const Big worth = scaled(coins.at("value"), 2);
      if (in)
        acquire(coins, "creation", worth);
      else if (!dispose(coins, in_kind_rule, "redemption", worth))
        return false;
    }
    if (event.fields.count("cash") != 0) cash += in ? money("cash") : Big(-money("cash"));
    shares += in ? scaled(field("shares"), 0) : Big(-scaled(field("shares"), 0));
    if (shares < 0) return false;
  } else if (kind == "purchase") {
    acquire(event.fields, "purchase", money("cash"));
    cash -= money("cash");
  } else if (kind == "sale") {
    if (!dispose(event.fields, sale_rule, "sale", money("cash"))) return false;
    cash += money("cash");
  } else if (kind == "fee_accrued") {
    payable[field("name")] += money("amount");
  } else if (kind == "fee_paid") {
    payable[field("name")] -= money("amount");
    cash -= money("amount");
    if (payable[field("name")] < 0) return false;
  } else if (kind == "fee_paid_in_kind") {
    std::string name;
    if (event.fields.count("name") != 0) {
      name = field("name");
    } else {
      for (const auto& [fee, amount] : payable) {
        if (amount == 0) continue;
        if (!name.empty()) return false;
        name = fee;
      }
      if (name.empty()) return false;
    }
    if (!dispose(event.fields, in_kind_rule, "expense", money("value"))) return false;
    payable[name] -= money("value");
    if (payable[name] < 0) return false;
  } else if (kind == "reward") {
    acquire(event.fields, "reward", money("value"));
    income[field("source")] += money("value");
  } else if (kind == "penalty") {
    if (!dispose(event.fields, sale_rule, "penalty", 0)) return false;
  } else if (kind == "split") {
    const auto places = static_cast<int>(decimals_of(field("ratio")));
    const Big product = shares * scaled(field("ratio"), places);
    if (product % power(places) != 0) return false;
    shares = product / power(places);
  } else if (kind == "distribution") {
    cash -= money("cash");
  } else if (kind == "price") {
    prices[field("asset")] = field("price");
  } else if (kind == "strike") {
    const auto net = net_assets();
    if (!net || shares <= 0) return false;
    strikes.push_back({event.date, *net, shares});
  } else {
    return false;
  }
  return cash >= 0;
}

namespace {

class Life {
 public:
  explicit Life(std::mt19937_64& random) : random_(random) {}

  PlainEvent propose() {
    static const std::vector<std::string> kKinds{"opening_lot",
                                                 "creation",
                                                 "creation",
                                                 "redemption",
                                                 "redemption",
                                                 "purchase",
                                                 "purchase",
                                                 "purchase",
                                                 "sale",
                                                 "sale",
                                                 "sale",
                                                 "fee_accrued",
                                                 "fee_paid",
                                                 "fee_paid_in_kind",
                                                 "fee_paid_in_kind",
                                                 "reward",
                                                 "penalty",
                                                 "split",
                                                 "distribution",
                                                 "price",
                                                 "price",
                                                 "strike"};
    if (below(4) == 0) day_ += below(9);
    PlainEvent event{date(), kKinds[below(kKinds.size())], {}, {}};
    fill(event);
    return event;
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  std::string date() const {
    char text[40];
    std::snprintf(text, sizeof text, "20%02d-%02d-%02d", static_cast<int>(day_ / 336) + 20,
                  static_cast<int>(day_ / 28 % 12) + 1, static_cast<int>(day_ % 28) + 1);
    return text;
  }
  std::string asset() {
    static const std::vector<std::string> kAssets{"BTC", "ETH", "CRO2", "DOGE"};
    return kAssets[below(60) == 0 ? 3 : below(3)];
  }
  std::string number(std::uint64_t whole_below, int decimals, bool positive) {
    const auto places = below(static_cast<std::uint64_t>(decimals) + 1);
    const Big units = Big(below(whole_below)) * power(decimals) +
                      Big(below(1'000'000'000'000)) % power(static_cast<int>(places)) *
                          power(decimals - static_cast<int>(places));
    return plain(units == 0 && positive ? Big(1) : units, decimals);
  }
  std::string money(std::uint64_t below_dollars) { return number(below_dollars, 2, false); }
  Fields coins(const char* worth) {
    const std::string which = asset();
    return {
        {"asset", which}, {"quantity", number(12, which == "ETH" ? 18 : 8, true)}, {worth, money(200'000)}};
  }
  std::string fee() { return below(2) == 0 ? "management fee" : "gas; réseau  (L1)"; }

  void order(PlainEvent& event) {
    event.fields["shares"] = std::to_string(below(20) * 500 + 1);
    switch (below(3)) {
      case 0:
        event.fields["cash"] = money(200'000);
        break;
      case 1:
        event.fields.merge(coins("value"));
        break;
      default:
        for (std::uint64_t i = below(3) + 1; i > 0; --i) event.components.push_back(coins("value"));
        event.fields["cash"] = (below(2) == 0 ? "-" : "") + number(100, 2, true);
    }
  }

  void fill(PlainEvent& event) {
    const std::string& kind = event.kind;
    if (kind == "opening_lot") event.fields = coins("cost");
    if (kind == "creation" || kind == "redemption") order(event);
    if (kind == "purchase" || kind == "sale") event.fields = coins("cash");
    if (kind == "fee_accrued" || kind == "fee_paid")
      event.fields = {{"name", fee()}, {"amount", money(3'000)}};
    if (kind == "fee_paid_in_kind") {
      event.fields = coins("value");
      event.fields["value"] = money(1'000);
      if (below(2) == 0) event.fields["name"] = fee();
    }
    if (kind == "reward" || kind == "penalty") event.fields = coins("value");
    if (kind == "reward") event.fields["source"] = below(2) == 0 ? "consensus" : "execution layer";
    if (kind == "split") {
      static const std::vector<std::string> kRatios{"2", "4", "0.25", "0.5", "1.5"};
      event.fields["ratio"] = kRatios[below(kRatios.size())];
    }
    if (kind == "distribution") event.fields["cash"] = money(5'000);
    if (kind == "price") event.fields = {{"asset", asset()}, {"price", number(90'000, 10, true)}};
  }

  std::mt19937_64& random_;
  std::uint64_t day_ = 0;
};

}  // namespace

std::vector<PlainEvent> random_life(std::mt19937_64& random, int length, bool& bad_last) {
  Life life(random);
  PlainBooks books;
  std::vector<PlainEvent> events{
      {"2020-01-01", "open", {{"fund", "X"}, {"shares", std::to_string(life.below(2) * 10'000)}}, {}}};
  books.apply(events[0]);
  const bool wants_bad = bad_last;
  bad_last = false;
  for (int i = 0; i < length; ++i) {
    const PlainEvent event = life.propose();
    if (books.apply(event)) {
      events.push_back(event);
    } else if (wants_bad && i > length / 2) {
      events.push_back(event);
      bad_last = true;
      break;
    }
  }
  return events;
}

}  // namespace navkeeper::tests
