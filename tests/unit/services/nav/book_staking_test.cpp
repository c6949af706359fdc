// Staking's events as facts of a fund: each kind, the rules of matching by name, and random lives against a
// naive count that knows neither groups nor matching.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "common/base/refuse.h"
#include "services/nav/app/book_staking.h"
#include "services/nav/app/take_staking.h"
#include "tests/unit/services/nav/nav_fixture.h"

namespace navkeeper::nav {
namespace {

using books::CoinState;
using money::Decimal;
using policy::RewardStage;

const time::Date kDay = time::Date::literal("2026-03-10");

FundDefinition fund_at(RewardStage stage) {
  FundDefinition fund = test_fund();
  fund.assets.push_back({model::AssetId::literal("CRO"), 8, model::IndexId::literal("NK_CROUSD_NY"), {}, {}});
  for (const char* type : {"consensus", "delegation", "execution", "custodian", "share_rate", "tier_bonus"})
    fund.policies.rewards[type] = {stage, policy::RewardPresentation::kGross};
  return fund;
}

DueEvent due(const std::string& kind, const std::string& amount, std::uint64_t height,
             const std::string& asset = "CRO", const std::string& place = "cro1/val1") {
  DueEvent one;
  one.event.id = kind + "/" + place + "/" + std::to_string(height);
  one.event.chain = asset == "CRO" ? "cronos_pos" : "ethereum";
  one.event.source = "node";
  one.event.place = place;
  one.event.asset = model::AssetId::literal(asset);
  one.event.kind = kind;
  one.event.amount = dec(amount);
  one.event.height = height;
  one.fact_id = "staking:" + one.event.id;
  one.date = kDay;
  one.valuation = kDay;
  return one;
}

/// What stands at each place, as a store would keep it between two bookings.
class Standings {
 public:
  StakingBooking book(const FundDefinition& fund, const std::vector<DueEvent>& events) {
    StakingBooking booking = book_staking(
        fund, events,
        [&](const StakingPlace& place) {
          const auto found = places_.find(place);
          return found == places_.end() ? StakingStanding{} : found->second;
        },
        [](const model::AssetId&, time::Date) { return dec("0.1"); });
    for (const auto& [place, standing] : booking.standing) places_[place] = standing;
    return booking;
  }
  const std::map<StakingPlace, StakingStanding>& places() const { return places_; }

 private:
  std::map<StakingPlace, StakingStanding> places_;
};

template <class What>
const What& what_of(const StakingFact& fact) {
  return std::get<What>(fact.fact.what);
}

TEST(BookStaking, EachKindThatMovesCoinsMovesThemBetweenStates) {
  const std::vector<std::tuple<const char*, CoinState, CoinState>> moves{
      {"delegate", CoinState::kAvailable, CoinState::kStaked},
      {"undelegate", CoinState::kStaked, CoinState::kUnbonding},
      {"unbonded", CoinState::kUnbonding, CoinState::kAvailable},
      {"unbonding_canceled", CoinState::kUnbonding, CoinState::kStaked},
      {"deposit_submitted", CoinState::kAvailable, CoinState::kActivating},
      {"deposit_applied", CoinState::kActivating, CoinState::kStaked},
      {"stake_returned", CoinState::kActivating, CoinState::kAvailable},
      {"redeem_requested", CoinState::kStaked, CoinState::kUnbonding},
      {"redeemed", CoinState::kUnbonding, CoinState::kAvailable},
      {"moved_to_pending", CoinState::kStaked, CoinState::kActivating}};
  for (const auto& [kind, from, to] : moves) {
    const StakingBooking booking = Standings().book(fund_at(RewardStage::kReceived), {due(kind, "5", 1)});
    ASSERT_EQ(booking.facts.size(), 1U) << kind;
    const auto& move = what_of<CoinsMoved>(booking.facts[0]).move;
    EXPECT_EQ(move.from, (books::Place{"", from})) << kind;
    EXPECT_EQ(move.to, (books::Place{"", to})) << kind;
    EXPECT_EQ(move.quantity, dec("5"));
    EXPECT_EQ(booking.events[0].fact_id, booking.facts[0].fact.id);
  }
  for (const char* kind : {"redelegate_in", "redelegate_out", "consolidation_in", "claim_dust", "transfer_in",
                           "reward_tier_bonus"}) {
    const StakingBooking booking =
        Standings().book(fund_at(RewardStage::kReceived), {due(kind, "0.000000001", 1)});
    EXPECT_TRUE(booking.facts.empty()) << kind;
    ASSERT_EQ(booking.events.size(), 1U) << kind;
    EXPECT_EQ(booking.events[0].fact_id, "") << kind;
  }
}

TEST(BookStaking, AConversionIsADisposalAtTheNavsPriceWhichIsTheCostOfWhatCame) {
  FundDefinition fund = fund_at(RewardStage::kReceived);
  fund.assets.push_back(
      {model::AssetId::literal("CDCETH"), 18, model::IndexId::literal("NK_ETHUSD_NY"), {}, {}});
  DueEvent out = due("converted", "10", 2, "ETH", "main");
  out.event.chain = "custodian";
  out.event.detail = "CDCETH 9.8";
  DueEvent came = due("converted_into", "9.8", 2, "CDCETH", "main");
  came.event.chain = "liquid";
  DueEvent asked = due("convert_requested", "10", 1, "ETH", "main");
  asked.event.chain = "custodian";
  const StakingBooking booking = Standings().book(fund, {asked, out, came});
  ASSERT_EQ(booking.facts.size(), 3U) << "what came is part of the swap";
  EXPECT_EQ(what_of<CoinsMoved>(booking.facts[0]).move.to.state, CoinState::kActivating);
  EXPECT_EQ(what_of<CoinsMoved>(booking.facts[1]).move.from.state, CoinState::kActivating);
  EXPECT_EQ(what_of<CoinsMoved>(booking.facts[1]).move.to.state, CoinState::kAvailable);
  const auto& swap = what_of<policy::LiquidStakingSwap>(booking.facts[2]);
  EXPECT_EQ(swap.coin, "ETH");
  EXPECT_EQ(swap.coins_in, dec("10"));
  EXPECT_EQ(swap.coin_price, dec("0.1"));
  EXPECT_EQ(swap.token, "CDCETH");
  EXPECT_EQ(swap.tokens_out, dec("9.8"));
  EXPECT_EQ(booking.events[2].fact_id, "");
  // A token is given as it is held; the coins that come are staked.
  DueEvent back = due("converted", "4.8", 3, "CDCETH", "main");
  back.event.chain = "liquid";
  back.event.detail = "ETH 4.9";
  DueEvent staked = due("converted_into", "4.9", 3, "ETH", "main");
  staked.event.chain = "custodian";
  const StakingBooking returned = Standings().book(fund, {back, staked});
  ASSERT_EQ(returned.facts.size(), 2U);
  EXPECT_EQ(what_of<policy::LiquidStakingSwap>(returned.facts[0]).tokens_out, dec("4.9"));
  EXPECT_EQ(what_of<CoinsMoved>(returned.facts[1]).move.to.state, CoinState::kStaked);
  EXPECT_TRUE(needs_price(back.event));
  for (const char* wrong : {"", "CDCETH", "CDCETH x", "CDCETH -1", "CDCETH 0", "9.8 CDCETH"}) {
    out.event.detail = wrong;
    EXPECT_THROW(Standings().book(fund, {out}), base::Refused) << wrong;
  }
}

TEST(BookStaking, LossesAreLostWhereTheyWereAndGasLeavesTheWallet) {
  for (const auto& [kind, state] :
       std::vector<std::pair<const char*, CoinState>>{{"penalty", CoinState::kStaked},
                                                      {"slashing", CoinState::kStaked},
                                                      {"unbonding_slashed", CoinState::kUnbonding},
                                                      {"deposit_lost", CoinState::kActivating},
                                                      {"share_rate_down", CoinState::kStaked}}) {
    const StakingBooking booking = Standings().book(fund_at(RewardStage::kReceived), {due(kind, "2", 1)});
    const auto& lost = what_of<PenaltySuffered>(booking.facts.at(0));
    EXPECT_EQ(lost.place.state, state) << kind;
    EXPECT_EQ(booking.facts[0].effect.quantity, dec("-2")) << kind;
  }
  DueEvent gas = due("transfer_out", "0.05", 1);
  gas.event.detail = "fee";
  const StakingBooking booking = Standings().book(fund_at(RewardStage::kReceived), {gas});
  const auto& expense = what_of<ExpenseIncurred>(booking.facts.at(0));
  EXPECT_EQ(expense.type, policy::ExpenseType::kNetwork);
  EXPECT_EQ(expense.coins->quantity, dec("0.05"));
}

/// A weekend's rewards of a custodian were one reward of the books, and three lines of the custodian's.
TEST(BookStaking, ACustodiansRewardsAreBookedOneByOne) {
  std::vector<DueEvent> weekend{due("reward_custodian", "0.5", 4), due("reward_custodian", "0.5", 5),
                                due("reward_custodian", "0.5", 6)};
  for (DueEvent& one : weekend) one.event.detail = "paid in CRO";
  const StakingBooking booking = Standings().book(fund_at(RewardStage::kReceived), weekend);
  ASSERT_EQ(booking.facts.size(), 3U);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < weekend.size(); ++i) {
    EXPECT_EQ(what_of<policy::RewardEvent>(booking.facts[i]).gross, dec("0.5"));
    ids.insert(booking.facts[i].fact.id);
    EXPECT_EQ(booking.events[i].fact_id, booking.facts[i].fact.id);
  }
  EXPECT_EQ(ids.size(), 3U);
}

TEST(BookStaking, OnlyWhatIsPaidOfATierBonusIsIncomeAndATokenHasNoState) {
  const StakingBooking paid = Standings().book(
      fund_at(RewardStage::kReceived), {due("reward_tier_bonus", "3", 1), due("tier_bonus_paid", "1", 2)});
  ASSERT_EQ(paid.facts.size(), 1U);
  EXPECT_EQ(what_of<policy::RewardEvent>(paid.facts[0]).gross, dec("1"));
  DueEvent rebase = due("slashing", "1", 3, "ETH", "0xtoken");
  rebase.event.chain = "liquid";
  const StakingBooking down = Standings().book(fund_at(RewardStage::kReceived), {rebase});
  EXPECT_EQ(what_of<PenaltySuffered>(down.facts.at(0)).place.state, CoinState::kAvailable);
  DueEvent custodian = due("reward_custodian", "1", 4);
  custodian.event.detail = "paid in CRO.staked";
  EXPECT_EQ(
      what_of<policy::RewardEvent>(Standings().book(fund_at(RewardStage::kReceived), {custodian}).facts.at(0))
          .place.state,
      CoinState::kStaked);
  custodian.event.detail = "paid in CRO";
  EXPECT_EQ(
      what_of<policy::RewardEvent>(Standings().book(fund_at(RewardStage::kReceived), {custodian}).facts.at(0))
          .place.state,
      CoinState::kAvailable);
}

TEST(BookStaking, ADaysRewardsOfAPlaceAreOneAndWholeUnitsStandOver) {
  Standings standings;
  const StakingBooking first =
      standings.book(fund_at(RewardStage::kClaimable),
                     {due("reward_base", "1.000000006", 1), due("reward_base", "2.000000006", 2),
                      due("reward_base", "7", 2, "CRO", "cro1/val2")});
  ASSERT_EQ(first.facts.size(), 2U);
  const auto& reward = what_of<policy::RewardEvent>(first.facts[0]);
  EXPECT_EQ(reward.gross, dec("3.00000001"));
  EXPECT_EQ(reward.stage, RewardStage::kClaimable);
  EXPECT_EQ(first.facts[0].effect.quantity, dec("3.00000001"));
  EXPECT_EQ(first.events[0].fact_id, "staking:reward_base/cro1/val1/1");
  EXPECT_EQ(first.events[1].fact_id, "staking:reward_base/cro1/val1/1");
  const StakingBooking second =
      standings.book(fund_at(RewardStage::kClaimable), {due("reward_base", "0.000000008", 3)});
  EXPECT_EQ(what_of<policy::RewardEvent>(second.facts.at(0)).gross, dec("0.00000001"));
  const StakingBooking third =
      standings.book(fund_at(RewardStage::kClaimable), {due("reward_base", "0.000000001", 4)});
  EXPECT_TRUE(third.facts.empty());
  EXPECT_EQ(third.events.at(0).fact_id, "");
}

TEST(BookStaking, AClaimThatSomebodyElseWasPaidIsIncomeByPolicyAndALoss) {
  const auto claim = [](const char* detail) {
    DueEvent one = due("claim", "4", 5);
    one.event.detail = detail;
    return one;
  };
  for (const char* own : {"", "to cro1", "to cro1other of the fund"}) {
    const StakingBooking booking =
        Standings().book(fund_at(RewardStage::kClaimable), {due("reward_base", "4", 5), claim(own)});
    ASSERT_EQ(booking.facts.size(), 2U) << own;
    EXPECT_EQ(what_of<policy::RewardEvent>(booking.facts[1]).gross, dec("4"));
  }
  const StakingBooking away = Standings().book(fund_at(RewardStage::kClaimable),
                                               {due("reward_base", "4", 5), claim("to cro1somebodyelse")});
  ASSERT_EQ(away.facts.size(), 3U);
  EXPECT_EQ(what_of<policy::RewardEvent>(away.facts[1]).gross, dec("4"));
  EXPECT_EQ(away.facts[2].fact.id, "staking:claim/cro1/val1/5/away");
  EXPECT_EQ(what_of<PenaltySuffered>(away.facts[2]).quantity, dec("4"));
  EXPECT_EQ(what_of<PenaltySuffered>(away.facts[2]).place, (books::Place{"", CoinState::kAvailable}));
  EXPECT_EQ(away.facts[2].effect.quantity, dec("-4"));
}

TEST(BookStaking, AClaimReceivesAllOfThePlaceAndWhatIsBeyondIsIncomeThen) {
  Standings standings;
  standings.book(fund_at(RewardStage::kReceived), {due("reward_base", "1.5", 1)});
  const StakingBooking claimed = standings.book(
      fund_at(RewardStage::kReceived),
      {due("reward_base", "2.000000009", 5), due("claim", "4", 5), due("claim_dust", "0.000000009", 5)});
  ASSERT_EQ(claimed.facts.size(), 4U);
  EXPECT_EQ(claimed.facts[0].effect.quantity, Decimal{}) << "no income before it is received";
  EXPECT_EQ(claimed.facts[1].fact.id, "staking:claim/cro1/val1/5/1");
  EXPECT_EQ(what_of<policy::RewardEvent>(claimed.facts[1]).gross, dec("1.5"));
  EXPECT_EQ(claimed.facts[1].effect.quantity, dec("1.5"));
  EXPECT_EQ(what_of<policy::RewardEvent>(claimed.facts[2]).gross, dec("2"));
  EXPECT_EQ(what_of<policy::RewardEvent>(claimed.facts[3]).reward_id, "staking:claim/cro1/val1/5/rest");
  EXPECT_EQ(what_of<policy::RewardEvent>(claimed.facts[3]).gross, dec("0.5"));
  EXPECT_TRUE(standings.places().at(place_of(due("claim", "1", 1).event)).open.empty());
  EXPECT_TRUE(standings.places().at(place_of(due("claim", "1", 1).event)).carried.empty());
}

TEST(BookStaking, AWithdrawalTakesRewardsOldestFirstAndWholeAndTheRestOutOfTheStake) {
  Standings standings;
  const FundDefinition fund = fund_at(RewardStage::kProtocolCredit);
  standings.book(fund, {due("reward_attestation", "0.01", 1, "ETH", "7")});
  standings.book(fund, {due("reward_attestation", "0.03", 2, "ETH", "7")});
  const StakingBooking swept = standings.book(fund, {due("withdrawal_sweep", "0.025", 3, "ETH", "7")});
  ASSERT_EQ(swept.facts.size(), 2U);
  EXPECT_EQ(what_of<policy::RewardEvent>(swept.facts[0]).gross, dec("0.01"));
  EXPECT_EQ(swept.facts[0].effect.quantity, Decimal{}) << "it was income when it was credited";
  const auto& rest = what_of<CoinsMoved>(swept.facts[1]).move;
  EXPECT_EQ(rest.quantity, dec("0.015"));
  EXPECT_EQ(rest.from.state, CoinState::kStaked);
}

TEST(BookStaking, WhatNobodyKnowsIsRefusedByName) {
  const auto refusal = [](const DueEvent& event) {
    try {
      Standings().book(fund_at(RewardStage::kReceived), {event});
    } catch (const base::Refused& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  EXPECT_NE(refusal(due("airdrop", "1", 1)).find("airdrop"), std::string::npos);
  EXPECT_NE(refusal(due("delegate", "1", 1, "ADA")).find("does not name"), std::string::npos);
  EXPECT_NE(refusal(due("reward_base", "1", 1, "ADA")).find("does not name"), std::string::npos);
  EXPECT_NE(refusal(due("delegate", "0.000000001", 1)).find("more decimals"), std::string::npos);
  EXPECT_NE(refusal(due("slashing", "-1", 1)).find("negative"), std::string::npos);
}

// --- Random lives against a naive count ---

struct Naive {
  Decimal staked, available, unbonding, unclaimed;
  Decimal lost, claimed;
};

/// The same life, booked in pieces.
Naive sums_of(const std::vector<StakingBooking>& pieces, const Standings& standings) {
  Naive sums;
  for (const StakingBooking& piece : pieces) {
    for (const StakingFact& fact : piece.facts) {
      if (const auto* moved = std::get_if<CoinsMoved>(&fact.fact.what)) {
        for (const auto& [state, sign] :
             {std::pair(moved->move.from.state, -1), std::pair(moved->move.to.state, 1)}) {
          const Decimal change = sign < 0 ? -moved->move.quantity : moved->move.quantity;
          if (state == CoinState::kStaked) sums.staked += change;
          if (state == CoinState::kAvailable) sums.available += change;
          if (state == CoinState::kUnbonding) sums.unbonding += change;
        }
      } else if (const auto* lost = std::get_if<PenaltySuffered>(&fact.fact.what)) {
        sums.staked -= lost->quantity;
        sums.lost += lost->quantity;
      } else if (const auto* reward = std::get_if<policy::RewardEvent>(&fact.fact.what);
                 reward->stage == RewardStage::kReceived) {
        sums.available += reward->gross;
        sums.claimed += reward->gross;
      }
    }
  }
  for (const auto& [place, standing] : standings.places()) {
    for (const OpenReward& open : standing.open) sums.unclaimed += open.gross;
  }
  return sums;
}

TEST(BookStaking, RandomLivesEndWhereANaiveCountEndsHoweverTheyAreCut) {
  std::mt19937_64 random(20260310);
  const auto units = [&](std::uint64_t most, int decimals) {
    return Decimal::of(static_cast<money::Int128>(random() % most + 1), decimals);
  };
  for (int life = 0; life < 200; ++life) {
    Naive naive;
    Decimal owed;  // by the chain, with all its decimals
    std::vector<DueEvent> events;
    for (std::uint64_t height = 1; height <= 60; ++height) {
      const Decimal earned = units(5'000'000'000'000'000ULL, 18);
      events.push_back(due("reward_base", earned.to_string(), height));
      owed += earned;
      switch (random() % 6) {
        case 0: {  // a claim pays whole units and forfeits the rest
          const Decimal whole = owed.rounded(8, money::Rounding::kDown);
          if (whole.is_zero()) break;
          events.push_back(due("claim", whole.to_string(), height));
          events.push_back(due("claim_dust", (owed - whole).to_string(), height));
          naive.available += whole;
          naive.claimed += whole;
          owed = {};
          break;
        }
        case 1: {
          const Decimal amount = units(1'000'000, 2);
          events.push_back(due("delegate", amount.to_string(), height));
          naive.staked += amount;
          naive.available -= amount;
          break;
        }
        case 2: {
          const Decimal amount = units(1'000, 3);
          events.push_back(due("undelegate", amount.to_string(), height));
          naive.staked -= amount;
          naive.unbonding += amount;
          break;
        }
        case 3: {
          const Decimal amount = units(100, 4);
          events.push_back(due("slashing", amount.to_string(), height));
          naive.staked -= amount;
          naive.lost += amount;
          break;
        }
        default:
          break;
      }
    }
    naive.unclaimed = owed.rounded(8, money::Rounding::kDown);
    for (const bool is_whole : {true, false}) {
      Standings standings;
      std::vector<StakingBooking> pieces;
      std::size_t booked = 0;
      for (std::size_t begin = 0; begin < events.size();) {
        const std::size_t size = is_whole ? events.size() : 1 + random() % 7;
        const std::size_t end = std::min(events.size(), begin + size);
        pieces.push_back(standings.book(fund_at(RewardStage::kClaimable),
                                        {events.begin() + static_cast<std::ptrdiff_t>(begin),
                                         events.begin() + static_cast<std::ptrdiff_t>(end)}));
        booked += pieces.back().events.size();
        begin = end;
      }
      EXPECT_EQ(booked, events.size());
      const Naive sums = sums_of(pieces, standings);
      EXPECT_EQ(sums.staked, naive.staked) << life;
      EXPECT_EQ(sums.available, naive.available) << life;
      EXPECT_EQ(sums.unbonding, naive.unbonding) << life;
      EXPECT_EQ(sums.lost, naive.lost) << life;
      EXPECT_EQ(sums.claimed, naive.claimed) << life;
      EXPECT_EQ(sums.unclaimed, naive.unclaimed) << life;
      std::set<std::string> ids;
      for (const StakingBooking& piece : pieces) {
        for (const StakingFact& fact : piece.facts)
          EXPECT_TRUE(ids.insert(fact.fact.id).second) << fact.fact.id;
      }
    }
  }
}

// --- Late ---

StruckDay struck(const char* date, const char* shares, const char* netted = "0") {
  return {time::Date::literal(date), dec(shares), {{"CRO", dec("0.1")}}, dec(netted)};
}

TEST(StakingTrueUp, UnderACentAShareItWaitsAndFromACentOnItIsAnError) {
  const std::vector<StruckDay> days{struck("2026-03-09", "1000"), struck("2026-03-10", "1000")};
  const time::Date since = days[0].date;
  const TrueUp small = assess_true_up(dec("0.01"), days, {{"CRO", dec("-99.99"), since}});
  EXPECT_FALSE(small.is_error);
  ASSERT_EQ(small.days.size(), 2U);
  EXPECT_EQ(small.days[0].per_share.to_fixed(6, money::Rounding::kHalfEven), "-0.009999");
  const TrueUp error = assess_true_up(dec("0.01"), days, {{"CRO", dec("-100"), since}});
  EXPECT_TRUE(error.is_error);
  EXPECT_TRUE(error.days[0].is_error);
  const TrueUp later = assess_true_up(dec("0.01"), days, {{"CRO", dec("-100"), days[1].date}});
  ASSERT_EQ(later.days.size(), 1U);
  EXPECT_EQ(later.days[0].date, days[1].date);
  // Small ones that a NAV lacks already count with it; what comes and goes evens out.
  EXPECT_TRUE(assess_true_up(dec("0.01"), {struck("2026-03-09", "1000", "-6")}, {{"CRO", dec("-40"), since}})
                  .is_error);
  EXPECT_FALSE(
      assess_true_up(dec("0.01"), days, {{"CRO", dec("-100"), since}, {"CRO", dec("50"), since}}).is_error);
}

TEST(StakingTrueUp, AnErrorIsMeasuredAgainstWhatWasPublishedAndDaysThatAreStruckAgainTakeWhatComes) {
  const time::Date since = time::Date::literal("2026-03-09");
  std::vector<StruckDay> days{struck("2026-03-09", "1000"), struck("2026-03-10", "1000")};
  days[0].apart = dec("-0.009");  // struck again since it was published
  const TrueUp rest = assess_true_up(dec("0.01"), days, {{"CRO", dec("-10"), since}});
  EXPECT_TRUE(rest.days[0].is_error);
  EXPECT_FALSE(rest.days[1].is_error);
  days[0].apart = {};
  days[1].is_open = true;
  const TrueUp open = assess_true_up(dec("0.01"), days, {{"CRO", dec("-10"), since}});
  EXPECT_FALSE(open.is_error);
  EXPECT_TRUE(open.belongs_to_its_days());
  EXPECT_EQ(report_of(open, 1).again_from, since);
  // A correction of what only the second day had.
  const TrueUp spared = assess_true_up(dec("0.01"), days, {{"CRO", dec("-100"), since, {since}}});
  ASSERT_EQ(spared.days.size(), 1U);
  EXPECT_EQ(spared.days[0].date, days[1].date);
  EXPECT_EQ(assess_true_up(dec("0.01"), days, {{"CRO", dec("-1"), days[1].date}}, since).days.size(), 2U);
}

TEST(StakingTrueUp, WhatCannotBeMeasuredIsAnErrorAndWhatChangesNoNavIsNot) {
  EXPECT_TRUE(assess_true_up(dec("0.01"), {struck("2026-03-09", "1000")},
                             {{"ETH", dec("0.0001"), time::Date::literal("2026-03-09")}})
                  .is_error);
  EXPECT_TRUE(assess_true_up(dec("0.01"), {struck("2026-03-09", "1000")},
                             {{"CRO", Decimal{}, time::Date::literal("2026-03-09")}})
                  .days.empty());
}

TEST(TakeStaking, TheNextNavIsTheBusinessDayAfterTheLast) {
  const FundDefinition fund = test_fund();
  EXPECT_EQ(next_to_strike(fund, time::Date::literal("2026-03-06"), kDay), time::Date::literal("2026-03-09"));
  EXPECT_EQ(next_to_strike(fund, std::nullopt, time::Date::literal("2026-03-07")),
            time::Date::literal("2026-03-09"));
  EXPECT_EQ(next_to_strike(fund, std::nullopt, kDay), kDay);
}

}  // namespace
}  // namespace navkeeper::nav
