// Random lives of a fund through the real books and through the naive ones.
#include <gtest/gtest.h>
// after gtest, which it needs
#include <rapidcheck/gtest.h>

#include "common/money/decimal.h"
#include "tests/unit/services/nav/books/books_fixture.h"
#include "tests/unit/services/nav/books/naive_books.h"

namespace navkeeper::tests {
namespace {

using money::Decimal;

constexpr const char* kRules[] = {"fifo", "lifo", "highest_cost", "lowest_cost", "average"};

class Runner {
 public:
  json::Value run(const std::string& lines, const std::string& sale, const std::string& in_kind,
                  const std::string& as_of = "") {
    nav::BooksComputeRequest request;
    request.events_path = folder_.write("events.jsonl", lines);
    request.rules = {*books::lot_rule_from(sale), *books::lot_rule_from(in_kind)};
    if (!as_of.empty()) request.as_of = time::Date::literal(as_of);
    return json::parse(nav::to_json(nav::compute_books(request))).value();
  }

 private:
  TemporaryFolder folder_;
};

std::string text_of(const std::vector<PlainEvent>& events) {
  std::string lines;
  for (const PlainEvent& event : events) lines += to_json_line(event);
  return lines;
}

std::vector<PlainEvent> some_life(int length = 80) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  bool bad_last = false;
  return random_life(random, length, bad_last);
}

Decimal number(const json::Value& object, std::string_view key) {
  return Decimal::literal(object.find(key)->as_string());
}

void expect_same(const json::Value& real, const PlainBooks& naive) {
  RC_ASSERT(text_at(real, "cash") == plain(naive.cash, 2));
  RC_ASSERT(text_at(real, "shares_outstanding") == plain(naive.shares, 0));
  const auto net = naive.net_assets();
  RC_ASSERT(text_at(real, "net_assets") == (net ? plain(*net, 2) : "null"));
  RC_ASSERT(text_at(real, "nav_per_share_unrounded") ==
            (net && naive.shares > 0 ? per_share(*net, naive.shares) : "null"));
  for (const auto& [asset, decimals] : naive.decimals) {
    const auto& position = item(*real.find("positions"), "asset", asset);
    if (naive.held(asset) == 0) {
      RC_ASSERT(text_at(position, "quantity") == "(missing)");
    } else {
      RC_ASSERT(text_at(position, "quantity") == plain(naive.held(asset), decimals));
      RC_ASSERT(text_at(position, "cost") == plain(naive.cost(asset), 2));
      const auto value = naive.value(asset);
      RC_ASSERT(text_at(position, "value") == (value ? plain(*value, 2) : "null"));
    }
    const auto& roll = item(*real.find("rollforward"), "asset", asset);
    for (const char* side : {"additions", "disposals"}) {
      for (const json::Member& cause : roll.find(side)->as_object()) {
        const auto own = naive.flows.find(asset);
        PlainFlow flow;
        if (own != naive.flows.end() && own->second.count(cause.key) != 0) flow = own->second.at(cause.key);
        RC_ASSERT(text_at(cause.value, "quantity") == plain(flow.quantity, decimals));
        RC_ASSERT(text_at(cause.value, "cost") == plain(flow.cost, 2));
        RC_ASSERT(text_at(cause.value, "value") == plain(flow.value, 2));
      }
    }
  }
  for (const char* cause : {"sale", "redemption", "expense", "penalty"}) {
    const auto gain = naive.gains.find(cause);
    RC_ASSERT(text_at(real, "realised_gain", cause) ==
              (gain == naive.gains.end() ? "0" : plain(gain->second, 2)));
  }
  RC_ASSERT(real.find("income")->as_object().size() == naive.income.size());
  for (const auto& [source, amount] : naive.income)
    RC_ASSERT(text_at(real, "income", source) == plain(amount, 2));
  for (const auto& [name, amount] : naive.payable)
    RC_ASSERT(text_at(item(*real.find("liabilities"), "name", name), "amount") ==
              (amount == 0 ? "(missing)" : plain(amount, 2)));
  const auto& strikes = real.find("strikes")->as_array();
  RC_ASSERT(strikes.size() == naive.strikes.size());
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    RC_ASSERT(text_at(strikes[i], "date") == naive.strikes[i].date);
    RC_ASSERT(text_at(strikes[i], "net_assets") == plain(naive.strikes[i].net_assets, 2));
    RC_ASSERT(text_at(strikes[i], "shares") == plain(naive.strikes[i].shares, 0));
    RC_ASSERT(text_at(strikes[i], "nav_per_share_unrounded") ==
              per_share(naive.strikes[i].net_assets, naive.strikes[i].shares));
  }
}

RC_GTEST_PROP(BooksProperty, TheNaiveBooksAgreeUnderEveryPairOfLotRules, ()) {
  const auto events = some_life();
  PlainBooks naive;
  naive.sale_rule = kRules[*rc::gen::inRange(0, 5)];
  naive.in_kind_rule = kRules[*rc::gen::inRange(0, 5)];
  for (const PlainEvent& event : events) RC_ASSERT(naive.apply(event));
  expect_same(Runner().run(text_of(events), naive.sale_rule, naive.in_kind_rule), naive);
}

RC_GTEST_PROP(BooksProperty, WhatTheNaiveBooksRefuseIsRefusedAtItsLine, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  bool bad_last = true;
  const auto events = random_life(random, 60, bad_last);
  RC_PRE(bad_last);
  const std::string lines = text_of(events);
  try {
    Runner().run(lines, "fifo", "fifo");
    RC_FAIL("not refused: " + to_json_line(events.back()));
  } catch (const base::Refused& refused) {
    const std::string place = "events.jsonl:" + std::to_string(events.size()) + ": ";
    RC_ASSERT(std::string(refused.what()).find(place) != std::string::npos);
  }
}

RC_GTEST_PROP(BooksProperty, DebitsEqualCreditsAndCoinsUnderAssetsArePositions, ()) {
  const auto real = Runner().run(text_of(some_life()), "highest_cost", "average");
  std::map<std::string, Decimal> sums;
  std::map<std::string, Decimal> coins;
  for (const json::Value& row : real.find("trial_balance")->as_array()) {
    const std::string commodity = text_at(row, "commodity");
    RC_ASSERT(number(row, "debit").is_zero() || number(row, "credit").is_zero());
    const Decimal balance = number(row, "debit") - number(row, "credit");
    sums[commodity] += balance;
    if (text_at(row, "account").starts_with("Assets")) coins[commodity] += balance;
  }
  for (const auto& [commodity, sum] : sums) RC_ASSERT(sum.is_zero());
  for (const json::Value& position : real.find("positions")->as_array())
    RC_ASSERT(coins[text_at(position, "asset")] == number(position, "quantity"));
  RC_ASSERT(coins["USD"] == number(real, "cash"));
}

RC_GTEST_PROP(BooksProperty, TheRollForwardFootsInQuantityCostAndValue, ()) {
  const auto real = Runner().run(text_of(some_life()), "lifo", "lowest_cost");
  for (const json::Value& roll : real.find("rollforward")->as_array()) {
    for (const char* column : {"quantity", "cost", "value"}) {
      const json::Value& closing = *roll.find("closing");
      if (closing.find(column)->is_null()) continue;
      Decimal sum = number(*roll.find("opening"), column);
      for (const json::Member& cause : roll.find("additions")->as_object())
        sum += number(cause.value, column);
      for (const json::Member& cause : roll.find("disposals")->as_object())
        sum -= number(cause.value, column);
      if (std::string_view(column) == "value")
        sum += number(roll, "realised") + number(roll, "change_in_unrealised");
      RC_ASSERT(sum == number(closing, column));
    }
  }
}

RC_GTEST_PROP(BooksProperty, AsOfADayIsTheReplayOfTheEventsUpToIt, ()) {
  const auto events = some_life();
  const std::string day = events[*rc::gen::inRange<std::size_t>(0, events.size())].date;
  std::vector<PlainEvent> prefix;
  for (const PlainEvent& event : events)
    if (event.date <= day) prefix.push_back(event);
  Runner runner;
  RC_ASSERT(runner.run(text_of(events), "fifo", "lifo", day) == runner.run(text_of(prefix), "fifo", "lifo"));
}

RC_GTEST_PROP(BooksProperty, EveryLotRuleAgreesOnQuantitiesCashAndNetAssets, ()) {
  const std::string lines = text_of(some_life());
  Runner runner;
  const auto first = runner.run(lines, "fifo", "fifo");
  for (const char* rule : kRules) {
    const auto other = runner.run(lines, rule, rule);
    for (const char* key : {"cash", "net_assets", "shares_outstanding", "liabilities", "income", "strikes"})
      RC_ASSERT(*first.find(key) == *other.find(key));
    const auto& positions = first.find("positions")->as_array();
    for (std::size_t i = 0; i < positions.size(); ++i)
      RC_ASSERT(text_at(positions[i], "quantity") ==
                text_at(other.find("positions")->as_array().at(i), "quantity"));
  }
}

}  // namespace
}  // namespace navkeeper::tests
