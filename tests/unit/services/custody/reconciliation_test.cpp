// Books, custodians and chains compared: each kind of break by example, a second, naive sum for random facts,
// and an order of facts that cannot matter.
#include "services/custody/domain/reconciliation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

const Instant kAt = Instant::literal("2026-03-10T20:00:00Z");
const time::Date kDate = time::Date::literal("2026-03-10");

Decimal d(std::string_view text) { return Decimal::literal(text); }

Balance balance_of(std::string_view asset, std::string_view total, std::string_view source = "cryptocom",
                   std::string_view account = "main", int minutes_before = 5) {
  Balance balance;
  balance.place = {std::string(source), std::string(account)};
  balance.asset = model::AssetId::literal(asset);
  balance.scale = 8;
  balance.total = d(total);
  balance.as_of = kAt - Duration::minutes(minutes_before);
  return balance;
}

CoinMovement booked(std::string id, std::string_view amount, int day = 10, std::string reference = "") {
  CoinMovement movement{"books", "orders:" + id, "BTC", "", d(amount)};
  movement.references = {std::move(reference)};
  movement.date = *time::Date::of(2026, 3, day);
  movement.what = "creation";
  return movement;
}

CoinMovement moved(std::string id, std::string_view amount, int day = 10, std::string reference = "",
                   std::string_view fee = "0", std::string source = "cryptocom") {
  CoinMovement movement{std::move(source), std::move(id), "BTC", "", d(amount), d(fee)};
  movement.references = {std::move(reference)};
  movement.date = *time::Date::of(2026, 3, day);
  movement.at = movement.date.utc_midnight() + Duration::hours(15);
  movement.what = "deposit";
  movement.account = "main";
  return movement;
}

ReconciliationInput input_of(std::string_view books, std::string_view custodian) {
  ReconciliationInput input;
  input.at = kAt;
  input.date = kDate;
  input.books = {{"BTC", "", d(books)}};
  input.balances = {balance_of("BTC", custodian)};
  return input;
}

FoundBreak only_break(const ReconciliationInput& input, const ReconciliationTerms& terms = {}) {
  const Reconciliation made = reconcile(input, terms);
  EXPECT_EQ(made.breaks.size(), 1U);
  return made.breaks.empty() ? FoundBreak{} : made.breaks.front();
}

TEST(Reconciliation, EqualFiguresAgreeToTheLastDigit) {
  auto input = input_of("10.00000001", "10.00000001");
  input.booked = {booked("1", "2", 9)};
  input.moved = {moved("x", "2", 8)};
  const Reconciliation made = reconcile(input, {});
  ASSERT_EQ(made.lines.size(), 1U);
  EXPECT_EQ(made.lines[0].status, LineStatus::kAgrees);
  EXPECT_EQ(made.lines[0].matched, 1);
  EXPECT_EQ(made.lines[0].difference, Decimal());
  EXPECT_TRUE(made.breaks.empty());
}

CoinMovement conversion(std::string_view asset, std::string_view amount) {
  CoinMovement movement = moved("CONVERT:1", amount);
  movement.asset = asset;
  movement.account.clear();
  movement.what = kConversion;
  return movement;
}

TEST(Reconciliation, AConversionIsAMovementOfBothAssetsAndUnderWayInNeither) {
  ReconciliationInput input;
  input.at = kAt;
  input.date = kDate;
  input.books = {{"ETH", "", d("100"), d("90"), d("10"), d("0")}, {"CDCETH", "", d("5")}};
  Balance ether = balance_of("ETH", "0");
  ether.staked = d("90");
  ether.activating = d("0");
  ether.unbonding = d("0");
  ether.staked_in_total = Counted::kApart;
  input.balances = {ether, balance_of("CDCETH", "5")};
  input.under_way = {conversion("ETH", "-10")};
  const Reconciliation made = reconcile(input, {});
  ASSERT_EQ(made.breaks.size(), 2U) << "the total, and what the books have as activating";
  for (const FoundBreak& one : made.breaks) {
    EXPECT_EQ(one.type, BreakType::kTiming) << one.detail;
    EXPECT_TRUE(one.is_self_explained);
    EXPECT_EQ(one.amount, d("-10"));
  }
  // Done: the books have it as a swap of the same day.
  input.under_way.clear();
  input.books = {{"ETH", "", d("90"), d("90"), d("0"), d("0")}, {"CDCETH", "", d("14.8")}};
  input.balances[1].total = d("14.8");
  input.moved = {conversion("ETH", "-10"), conversion("CDCETH", "9.8")};
  CoinMovement given = booked("swap", "-10");
  given.asset = "ETH";
  CoinMovement came = booked("swap", "9.8");
  came.asset = "CDCETH";
  input.booked = {given, came};
  const Reconciliation done = reconcile(input, {});
  EXPECT_TRUE(done.breaks.empty());
  for (const ReconciliationLine& line : done.lines) EXPECT_EQ(line.matched, 1) << line.asset;
}

TEST(Reconciliation, OneMovementUnderWayExplainsOneMissingOne) {
  auto input = input_of("110", "100");
  input.booked = {booked("c1", "5"), booked("c2", "5")};
  input.under_way = {moved("d1", "5")};
  const Reconciliation made = reconcile(input, {});
  ASSERT_EQ(made.breaks.size(), 2U);
  EXPECT_EQ(std::count_if(made.breaks.begin(), made.breaks.end(),
                          [](const FoundBreak& one) { return one.is_self_explained; }),
            1);
  // Nor does a payment on the chain that both sides have already.
  input = input_of("110", "105");
  input.booked = {booked("c1", "5"), booked("c2", "5")};
  input.moved = {moved("d1", "5"), moved("tx", "5", 10, "", "0", "chain:bitcoin")};
  input.moved[1].account = "bc1";
  input.balances.push_back(balance_of("BTC", "5", "chain:bitcoin", "bc1"));
  const FoundBreak lost = only_break(input);
  EXPECT_EQ(lost.type, BreakType::kMissing) << lost.detail;
  EXPECT_FALSE(lost.is_self_explained);
}

TEST(Reconciliation, WhatCameAndWhatWentUnbookedDoNotCancel) {
  auto input = input_of("100", "100");
  input.moved = {moved("deposit", "5"), moved("theft", "-5")};
  const Reconciliation made = reconcile(input, {});
  ASSERT_EQ(made.breaks.size(), 2U);
  for (const FoundBreak& one : made.breaks) EXPECT_EQ(one.type, BreakType::kMissing) << one.detail;
  EXPECT_EQ(made.breaks[0].amount + made.breaks[1].amount, Decimal());
  // Three of a weekend that are one of the books are.
  input.moved = {moved("r1", "1"), moved("r2", "2"), moved("r3", "2")};
  input.booked = {booked("weekend", "5")};
  EXPECT_TRUE(reconcile(input, {}).breaks.empty());
  input.booked[0].date = *time::Date::of(2026, 2, 1);
  EXPECT_FALSE(reconcile(input, {}).breaks.empty()) << "of another month";
}

TEST(Reconciliation, WhatNoTransactionShowsIsAnItemOnlyWhereItIsNeeded) {
  auto input = input_of("11", "0");
  input.balances = {balance_of("BTC", "11", "chain:x", "address")};
  input.booked = {booked("1", "10", 9), booked("2", "1", 9)};
  CoinMovement listed = moved("a", "10", 9, "", "0", "chain:x");
  CoinMovement unlisted = moved("unlisted 1-2", "1", 9, "", "0", "chain:x");
  for (CoinMovement* one : {&listed, &unlisted}) one->account = "address";
  unlisted.what = kUnlisted;
  input.moved = {listed, unlisted};
  EXPECT_TRUE(reconcile(input, {}).breaks.empty()) << "the books have it: by amount and day";
  EXPECT_EQ(reconcile(input, {}).lines[0].matched, 2);
  input.books = {{"BTC", "", d("10")}};
  input.booked.pop_back();
  EXPECT_EQ(only_break(input).type, BreakType::kMissing);
  EXPECT_EQ(only_break(input).amount, d("1"));
  input.books = {{"BTC", "", d("11")}};
  input.booked = {booked("1", "10", 9)};
  EXPECT_TRUE(reconcile(input, {}).breaks.empty()) << "an opening balance has it";
}

TEST(Reconciliation, WhereMovementsAreNotListedTheBalanceAloneIsCompared) {
  auto input = input_of("12", "0");
  input.balances = {balance_of("BTC", "12", "chain:x", "address")};
  input.booked = {booked("1", "12", 9)};
  input.listed["chain:x"] = {};
  EXPECT_TRUE(reconcile(input, {}).breaks.empty()) << "there is no counterpart to look for";
  input.balances[0].total = d("11");
  const FoundBreak rest = only_break(input);
  EXPECT_EQ(rest.type, BreakType::kUnknown);
  EXPECT_EQ(rest.amount, d("-1"));
  // Nobody can roll such a balance to the valuation point: read hours before it, it is not sure.
  input.balances[0] = balance_of("BTC", "12", "chain:x", "address", 90);
  const Reconciliation old = reconcile(input, {});
  EXPECT_EQ(old.lines[0].status, LineStatus::kUnsure);
  EXPECT_EQ(old.lines[0].chain, std::nullopt);
  input.listed["chain:x"] = {"BTC"};
  EXPECT_EQ(reconcile(input, {}).lines[0].status, LineStatus::kDiffers)
      << "listed: the booking is looked for";
}

TEST(Reconciliation, ADepositThatTheCustodianLacksIsMissing) {
  auto input = input_of("12", "10");
  input.booked = {booked("1", "2")};
  const FoundBreak found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kMissing);
  EXPECT_EQ(found.amount, d("-2"));
  EXPECT_TRUE(found.is_over_tolerance);
  EXPECT_FALSE(found.is_self_explained);
}

TEST(Reconciliation, UnderWayAtTheOtherSideIsTimingAndExplainsItselfForAFewDays) {
  auto input = input_of("12", "10");
  input.booked = {booked("1", "2")};
  input.under_way = {moved("d", "2")};
  FoundBreak found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kTiming);
  EXPECT_TRUE(found.is_self_explained);
  input.under_way = {
      moved("d", "2", 6)};  // four days: by reference still the same, and no longer timing alone
  input.under_way[0].references = {"tx"};
  input.booked[0].references = {"tx"};
  found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kTiming);
  EXPECT_FALSE(found.is_self_explained);
}

TEST(Reconciliation, OnTheChainAndNotYetAtTheCustodianIsTiming) {
  auto input = input_of("12", "10");
  input.booked = {booked("1", "2", 10, "tx")};
  input.balances.push_back(balance_of("BTC", "10", "chain:bitcoin", "bc1q"));
  input.moved = {moved("tx:0", "2", 10, "tx", "0", "chain:bitcoin")};
  input.moved[0].account = "bc1q";
  const FoundBreak found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kTiming);
  EXPECT_TRUE(found.is_self_explained);
}

TEST(Reconciliation, WhatTheBooksLackIsMissingThereAndPendingInThemIsTiming) {
  auto input = input_of("10", "12");
  input.moved = {moved("d1", "2")};
  EXPECT_EQ(only_break(input).type, BreakType::kMissing);
  EXPECT_EQ(only_break(input).amount, d("2"));
  input.booked_pending = {booked("1", "2", 11)};
  EXPECT_EQ(only_break(input).type, BreakType::kTiming);
  EXPECT_TRUE(only_break(input).is_self_explained);
}

TEST(Reconciliation, AFeeThatIsNotBookedIsAFeeAndOtherAmountsAreAmounts) {
  auto input = input_of("8", "7.999");
  input.booked = {booked("1", "-2", 10, "tx")};
  input.moved = {moved("w1", "-2", 10, "tx", "0.001")};
  FoundBreak found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kFee);
  EXPECT_EQ(found.amount, d("-0.001"));
  input = input_of("12", "11.9");
  input.booked = {booked("1", "2", 10, "tx")};
  input.moved = {moved("d1", "1.9", 10, "tx")};
  found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kAmount);
  EXPECT_EQ(found.amount, d("-0.1"));
}

TEST(Reconciliation, TheSameTransactionToldTwiceIsADuplicate) {
  auto input = input_of("12", "14");
  input.booked = {booked("1", "2", 10, "tx")};
  input.moved = {moved("d1", "2", 10, "tx"), moved("d2", "2", 10, "tx")};
  const FoundBreak found = only_break(input);
  EXPECT_EQ(found.type, BreakType::kDuplicate);
  EXPECT_EQ(found.amount, d("2"));
  input = input_of("14", "12");
  input.booked = {booked("1", "2", 10, "tx"), booked("2", "2", 10, "tx")};
  input.moved = {moved("d1", "2", 10, "tx")};
  EXPECT_EQ(only_break(input).type, BreakType::kDuplicate);
  EXPECT_EQ(only_break(input).amount, d("-2"));
}

TEST(Reconciliation, WhatNoMovementExplainsIsUnknown) {
  const FoundBreak found = only_break(input_of("10", "9.99"));
  EXPECT_EQ(found.type, BreakType::kUnknown);
  EXPECT_EQ(found.amount, d("-0.01"));
}

TEST(Reconciliation, SeveralDepositsOfOneCreationLeaveNothingToExplain) {
  auto input = input_of("12", "12");
  input.booked = {booked("1", "5")};
  input.moved = {moved("a", "2"), moved("b", "3")};
  const Reconciliation made = reconcile(input, {});
  EXPECT_TRUE(made.breaks.empty());
  EXPECT_EQ(made.lines[0].status, LineStatus::kAgrees);
}

TEST(Reconciliation, ABalanceOfAnotherInstantIsRolledToTheValuationPoint) {
  auto input = input_of("12", "10");
  input.booked = {booked("1", "2")};
  input.balances[0].as_of = kAt - Duration::hours(6);  // 14:00; the deposit came at 15:00
  input.moved = {moved("d1", "2")};
  EXPECT_TRUE(reconcile(input, {}).breaks.empty());
  input = input_of("10", "12");
  input.balances[0].as_of = kAt + Duration::hours(20);  // and here a deposit after it is taken off again
  input.moved = {moved("d1", "2", 11)};
  EXPECT_TRUE(reconcile(input, {}).breaks.empty());
}

TEST(Reconciliation, AnOldBalanceAndOneThatDoesNotSayEnoughAreUnsureAndNobodyIsNotCovered) {
  auto input = input_of("10", "10");
  input.balances[0].as_of = kAt - Duration::hours(25);
  EXPECT_EQ(reconcile(input, {}).lines[0].status, LineStatus::kUnsure);
  input = input_of("10", "10");
  input.balances[0].staked = d("1");  // within the total or beside it?
  EXPECT_EQ(reconcile(input, {}).lines[0].status, LineStatus::kUnsure);
  EXPECT_FALSE(reconcile(input, {}).lines[0].custodian);
  input.balances.clear();
  EXPECT_EQ(reconcile(input, {}).lines[0].status, LineStatus::kNotCovered);
}

TEST(Reconciliation, StatesAreComparedAndExchangeStakingIsNotIndependentlyVerifiable) {
  auto input = input_of("10", "6");
  input.books[0].staked = d("4");
  input.balances[0].staked = d("3");
  input.balances[0].unbonding = d("1");
  input.balances[0].staked_in_total = Counted::kApart;
  ReconciliationTerms terms;
  terms.omnibus = {"cryptocom"};
  const Reconciliation made = reconcile(input, terms);
  ASSERT_EQ(made.breaks.size(), 2U);
  EXPECT_EQ(made.breaks[0].key, "BTC  state staked");
  EXPECT_EQ(made.breaks[0].amount, d("-1"));
  EXPECT_EQ(made.breaks[1].amount, d("1"));
  EXPECT_NE(made.lines[0].notes.at(0).find("not independently verifiable"), std::string::npos);
  // A chain that is read there ends that.
  Balance chain = input.balances[0];
  chain.place = {"chain:cronos", "cro1"};
  input.balances.push_back(chain);
  EXPECT_TRUE(reconcile(input, terms).lines[0].notes.empty());
}

TEST(Reconciliation, PlacesAreComparedApartAndTheChainWithTheCustodian) {
  auto input = input_of("10", "10");
  input.books.push_back({"BTC", "cold", d("50")});
  input.balances.push_back(balance_of("BTC", "50", "prime", "cold"));
  input.balances.push_back(balance_of("BTC", "49", "chain:bitcoin", "bc1q"));
  ReconciliationTerms terms;
  terms.places = {{"chain:bitcoin", "bc1q", "cold"}};
  Reconciliation made = reconcile(input, terms);
  ASSERT_EQ(made.lines.size(), 2U);
  EXPECT_EQ(made.lines[0].status, LineStatus::kAgrees);
  ASSERT_EQ(made.breaks.size(), 1U);
  EXPECT_EQ(made.breaks[0].level, BreakLevel::kChain);
  EXPECT_EQ(made.breaks[0].amount, d("-1"));
  // Addresses that nobody called the whole of a place are a part of it.
  terms.places.clear();
  input.balances.back().total = d("9");
  made = reconcile(input, terms);
  EXPECT_TRUE(made.breaks.empty());
  EXPECT_EQ(made.lines[0].status, LineStatus::kInPart);
  EXPECT_EQ(made.lines[0].notes.at(0), "9 of 10 lie at addresses that are read on the chain");
  input.balances.back().total = d("11");  // more than the custodian says is never right
  EXPECT_EQ(reconcile(input, terms).breaks.at(0).level, BreakLevel::kChain);
  // Without a custodian the chain is what is kept.
  input.balances.erase(input.balances.begin());
  EXPECT_EQ(reconcile(input, terms).breaks.at(0).level, BreakLevel::kTotal);
}

TEST(Reconciliation, WhatIsGoneFromACustodiansAddressOfTheFundAloneIsABreak) {
  auto input = input_of("10", "10");
  input.balances.push_back(balance_of("BTC", "5", "chain:bitcoin", "bc1q"));
  ReconciliationTerms terms;
  terms.segregated = {{{"chain:bitcoin", "bc1q"}, "cryptocom", ""}};
  Reconciliation made = reconcile(input, terms);
  ASSERT_EQ(made.breaks.size(), 1U);
  EXPECT_EQ(made.breaks[0].level, BreakLevel::kChain);
  EXPECT_EQ(made.breaks[0].amount, d("-5"));
  EXPECT_TRUE(made.breaks[0].is_over_tolerance);
  EXPECT_FALSE(made.breaks[0].is_self_explained);
  EXPECT_EQ(made.lines[0].status, LineStatus::kDiffers);
  // What the custodian says is staked lies elsewhere; the rest must be there.
  input.books[0].staked = d("4");
  input.balances[0].staked = d("4");
  input.balances[0].staked_in_total = Counted::kInside;
  made = reconcile(input, terms);
  ASSERT_EQ(made.breaks.size(), 1U);
  EXPECT_EQ(made.breaks[0].amount, d("-1"));
  input.balances[1].total = d("6");
  made = reconcile(input, terms);
  EXPECT_TRUE(made.breaks.empty());
  EXPECT_EQ(made.lines[0].status, LineStatus::kInPart) << "the staked coins are the custodian's word";
  // Another account of the custodian is not said to lie there.
  input.balances[1].total = d("2");
  terms.segregated[0].account = "other";
  EXPECT_TRUE(reconcile(input, terms).breaks.empty());
  terms.segregated[0].account = "main";
  EXPECT_EQ(reconcile(input, terms).breaks.size(), 1U);
  // Of coins in an address of many clients nobody can see how many are the fund's.
  input.balances.push_back(balance_of("BTC", "900", "chain:bitcoin", "omnibus"));
  terms.others_too = {{"chain:bitcoin", "omnibus"}};
  made = reconcile(input, terms);
  EXPECT_TRUE(made.breaks.empty());
  EXPECT_EQ(made.lines[0].status, LineStatus::kInPart);
}

TEST(Reconciliation, ChainAgainstCustodianIsExplainedByWhatIsUnderWayForAFewDaysAlone) {
  auto input = input_of("10", "10");
  input.balances.push_back(balance_of("BTC", "8", "chain:bitcoin", "bc1q"));
  ReconciliationTerms terms;
  terms.places = {{"chain:bitcoin", "bc1q", ""}};
  input.under_way = {moved("w", "-2")};
  FoundBreak found = only_break(input, terms);
  EXPECT_EQ(found.level, BreakLevel::kChain);
  EXPECT_EQ(found.type, BreakType::kTiming);
  EXPECT_TRUE(found.is_self_explained);
  input.under_way = {moved("w", "-2", 7)};
  EXPECT_TRUE(only_break(input, terms).is_self_explained) << "three days";
  input.under_way = {moved("w", "-2", 6)};
  found = only_break(input, terms);
  EXPECT_EQ(found.type, BreakType::kTiming);
  EXPECT_FALSE(found.is_self_explained) << "four days: a person's to explain";
}

TEST(Reconciliation, OwnKeysAreKeptBesideTheCustodianAndAddressesOfOthersAreNot) {
  auto input = input_of("15", "10");
  input.balances.push_back(balance_of("BTC", "3", "chain:bitcoin", "own"));
  input.balances.push_back(balance_of("BTC", "900", "chain:bitcoin", "omnibus"));
  input.booked = {booked("1", "2", 10, "tx")};
  input.moved = {moved("tx:0", "2", 10, "tx", "0", "chain:bitcoin")};
  input.moved[0].account = "own";
  ReconciliationTerms terms;
  terms.own_keys = {{"chain:bitcoin", "own"}};
  terms.others_too = {{"chain:bitcoin", "omnibus"}};
  Reconciliation made = reconcile(input, terms);
  ASSERT_EQ(made.lines.size(), 1U);
  EXPECT_EQ(made.lines[0].chain, d("3"));
  EXPECT_EQ(made.lines[0].difference, d("-2"));
  EXPECT_EQ(made.lines[0].matched, 1);
  input.books[0].total = d("13");
  EXPECT_TRUE(reconcile(input, terms).breaks.empty());
  input.balances[1].certainty = Certainty::kUnsure;
  EXPECT_EQ(reconcile(input, terms).lines[0].status, LineStatus::kUnsure);
}

TEST(Reconciliation, BothBoundsOfATolerancehold) {
  ReconciliationTerms terms;
  terms.tolerances["BTC"] = {d("0.001"), d("50")};
  const auto over = [&](std::string_view custodian) {
    return only_break(input_of("10", custodian), terms).is_over_tolerance;
  };
  EXPECT_TRUE(over("9.9999"));  // no price: the dollars cannot be measured
  terms.prices["BTC"] = d("50000");
  EXPECT_FALSE(over("9.999"));  // at the bound
  EXPECT_EQ(only_break(input_of("10", "9.999"), terms).dollars, d("-50"));
  EXPECT_TRUE(over("9.99899999"));
  terms.prices["BTC"] = d("50000.01");
  EXPECT_TRUE(over("9.999"));
  terms.tolerances["BTC"].dollars.reset();
  EXPECT_FALSE(over("10.001"));
}

TEST(Reconciliation, SmallBreaksThatAreTogetherTooMuchAreNotTolerated) {
  ReconciliationTerms terms;
  terms.tolerances["BTC"] = {d("0.001"), {}};
  ReconciliationInput input = input_of("10", "10.0006");
  input.books.push_back({"BTC", "cold", d("5")});
  input.balances.push_back(balance_of("BTC", "4.9995", "prime", "cold"));
  Reconciliation made = reconcile(input, terms);
  ASSERT_EQ(made.breaks.size(), 2U);
  EXPECT_TRUE(made.breaks[0].is_over_tolerance && made.breaks[1].is_over_tolerance);
  input.balances.back().total = d("4.9996");
  made = reconcile(input, terms);
  EXPECT_FALSE(made.breaks[0].is_over_tolerance || made.breaks[1].is_over_tolerance);
  EXPECT_EQ(made.lines[0].status, LineStatus::kTolerated);
}

// Random facts.

template <class T>
void shuffle(std::vector<T>& all) {
  for (std::size_t i = all.size(); i > 1; --i)
    std::swap(all[i - 1], all[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(i)))]);
}

CoinMovement random_movement(const char* source, int number) {
  CoinMovement movement{source, std::string(source) + std::to_string(number),
                        *rc::gen::element<std::string>("BTC", "ETH"), "",
                        Decimal::of(*rc::gen::element(-3, -2, -1, 1, 2, 3))};
  const int reference = *rc::gen::inRange(0, 6);
  if (reference > 0) movement.references = {"tx" + std::to_string(reference)};
  movement.date = *time::Date::of(2026, 3, *rc::gen::inRange(1, 11));
  movement.at = movement.date.utc_midnight() + Duration::hours(*rc::gen::inRange(0, 19));
  if (std::string_view(source) == "books") {
    movement.place = *rc::gen::element<std::string>("", "cold");
  } else {
    movement.account = *rc::gen::element<std::string>("main", "cold");
    if (movement.amount.is_negative() && *rc::gen::arbitrary<bool>()) movement.fee = d("0.5");
  }
  return movement;
}

ReconciliationInput random_input() {
  ReconciliationInput input;
  input.at = kAt;
  input.date = kDate;
  for (const char* asset : {"BTC", "ETH"}) {
    for (const char* place : {"", "cold"}) {
      input.books.push_back({asset, place, Decimal::of(*rc::gen::inRange(0, 6))});
      const std::string account = *place == '\0' ? "main" : place;
      if (*rc::gen::inRange(0, 4) > 0)
        input.balances.push_back(balance_of(asset, std::to_string(*rc::gen::inRange(0, 6)), "cryptocom",
                                            account, *rc::gen::inRange(-600, 600)));
      if (*rc::gen::inRange(0, 4) == 0)
        input.balances.push_back(
            balance_of(asset, std::to_string(*rc::gen::inRange(0, 6)), "chain:x", account));
    }
  }
  for (int i = *rc::gen::inRange(0, 7); i > 0; --i) input.booked.push_back(random_movement("books", i));
  for (int i = *rc::gen::inRange(0, 7); i > 0; --i) input.moved.push_back(random_movement("cryptocom", i));
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) input.moved.push_back(random_movement("chain:x", i));
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    input.under_way.push_back(random_movement("cryptocom", 20 + i));
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    input.booked_pending.push_back(random_movement("books", 20 + i));
  return input;
}

/// What is kept at the valuation point, added up once more by hand; nothing where nobody speaks of it.
std::optional<Decimal> naive_kept(const ReconciliationInput& input, const std::string& asset,
                                  const std::string& place) {
  for (const char* source : {"cryptocom", "chain:x"}) {
    const std::string account = place.empty() ? "main" : place;
    const Balance* found = nullptr;
    for (const Balance& balance : input.balances) {
      if (balance.place.source != source || balance.asset.value() != asset) continue;
      if (balance.place.account == account) found = &balance;
    }
    if (found == nullptr) continue;
    Decimal total = *found->total;
    for (const CoinMovement& movement : input.moved) {
      if (movement.source != source || movement.asset != asset) continue;
      if (movement.account != account) continue;
      if (movement.at > found->as_of && movement.at <= input.at) total += movement.amount - movement.fee;
      if (movement.at <= found->as_of && movement.at > input.at) total -= movement.amount - movement.fee;
    }
    return total;
  }
  return std::nullopt;
}

RC_GTEST_PROP(ReconciliationProperty, TheBreaksOfEachPlaceAddUpToItsDifference, ()) {
  const ReconciliationInput input = random_input();
  const Reconciliation made = reconcile(input, {});
  for (const ReconciliationLine& line : made.lines) {
    Decimal books;
    for (const BookPosition& position : input.books) {
      if (position.asset == line.asset && position.place == line.place) books += position.total;
    }
    RC_ASSERT(line.books == books);
    const auto kept = naive_kept(input, line.asset, line.place);
    RC_ASSERT(kept.has_value() == line.difference.has_value());
    if (!kept) continue;
    RC_ASSERT(*line.difference == *kept - books);
    Decimal sum;
    for (const FoundBreak& one : made.breaks) {
      RC_ASSERT(!one.amount.is_zero());
      if (one.asset == line.asset && one.place == line.place && one.level == BreakLevel::kTotal)
        sum += one.amount;
    }
    RC_ASSERT(sum == *line.difference);
    RC_ASSERT((line.status == LineStatus::kAgrees || line.status == LineStatus::kInPart) ==
              std::none_of(made.breaks.begin(), made.breaks.end(), [&](const FoundBreak& one) {
                return one.asset == line.asset && one.place == line.place;
              }));
  }
}

RC_GTEST_PROP(ReconciliationProperty, TheOrderOfFactsCannotMatter, ()) {
  const ReconciliationInput input = random_input();
  const Reconciliation made = reconcile(input, {});
  ReconciliationInput other = input;
  shuffle(other.books);
  shuffle(other.booked);
  shuffle(other.booked_pending);
  shuffle(other.balances);
  shuffle(other.moved);
  shuffle(other.under_way);
  const Reconciliation again = reconcile(other, {});
  RC_ASSERT(made.lines == again.lines);
  RC_ASSERT(made.breaks == again.breaks);
}

RC_GTEST_PROP(ReconciliationProperty, MatchingTakesEachMovementOnceAndLeavesNoEqualPairApart, ()) {
  std::vector<CoinMovement> left, right;
  for (int i = *rc::gen::inRange(0, 8); i > 0; --i) left.push_back(random_movement("books", i));
  for (int i = *rc::gen::inRange(0, 8); i > 0; --i) right.push_back(random_movement("cryptocom", i));
  const MovementMatch match = match_movements(left, right, 3);
  RC_ASSERT(match.pairs.size() + match.booked_only.size() == left.size());
  RC_ASSERT(match.pairs.size() + match.kept_only.size() == right.size());
  std::vector<std::string> seen;
  for (const MovementPair& pair : match.pairs) {
    RC_ASSERT(may_be_same(pair.booked, pair.kept, 3));
    RC_ASSERT(pair.by_reference == share_reference(pair.booked, pair.kept));
    seen.push_back(pair.booked.id);
    seen.push_back(pair.kept.id);
  }
  for (const CoinMovement& one : match.booked_only) {
    seen.push_back(one.id);
    for (const CoinMovement& other : match.kept_only) {
      const bool equal = one.effect() == other.effect() && std::abs(one.date - other.date) <= 3;
      RC_ASSERT(!equal &&
                !(share_reference(one, other) && one.amount.is_negative() == other.amount.is_negative()));
    }
  }
  for (const CoinMovement& one : match.kept_only) seen.push_back(one.id);
  std::sort(seen.begin(), seen.end());
  RC_ASSERT(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  RC_ASSERT(seen.size() == left.size() + right.size());
}

}  // namespace
}  // namespace navkeeper::custody
