#pragma once
// A fund of CRO with one delegation, one unbonding, a NAV and a request for a plan, for tests of measures,
// liquidity and plans.
#include "common/json/value.h"
#include "services/staking/app/make_plan.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking::world {

inline const model::FundId kFund = model::FundId::literal("CROYIELD");
inline const model::AssetId kCro = model::AssetId::literal("CRO");
inline const time::Instant kNow = time::Instant::literal("2026-12-01T15:00:00Z");

inline money::Decimal d(const char* text) { return money::Decimal::literal(text); }
inline time::Instant hours_ago(std::int64_t hours) { return kNow - time::Duration::hours(hours); }

/// Net assets of a million dollars: 50,000 in cash, 9,500,000 CRO at ten cents.
inline FundFacts facts() {
  FundFacts told;
  told.act = "ICA_1940";
  told.date = time::Date::literal("2026-11-30");
  told.version = 1;
  told.state = "approved";
  told.inputs_hash = "00";
  told.valued_at = hours_ago(18);
  told.net_assets = d("1000000");
  told.cash = d("50000");
  told.holdings = {{kCro, d("9500000"), d("0.1"), d("950000")}};
  return told;
}

inline PositionKey key(const std::string& place) { return {Chain::kCronosPos, "cronos", place, kCro}; }

inline StateMark mark(std::uint64_t height, time::Instant at) {
  return {height, "root" + std::to_string(height), at};
}

/// A million CRO at v1 for `delegated`, 20,000 on their way back in ten days.
inline PositionReading reading(const char* delegated = "1000000", time::Instant at = hours_ago(1)) {
  PositionReading read{Chain::kCronosPos, "cronos", mark(200, at), true, std::string(64, 'a'), {}};
  read.positions = {{key("d1/v1"), PositionState::kActive, "", d(delegated), {}, true, "bonded"},
                    {key("d1/v1"), PositionState::kUnbonding, "150", d("20000"),
                     kNow + time::Duration::hours(240), true, ""},
                    {key("d1/v1"), PositionState::kClaimable, "", d("12"), {}, true, ""},
                    {key("d1"), PositionState::kContingent, "tier_bonus", d("3"), {}, true, ""}};
  return read;
}

inline QueueReading unbonding(std::int64_t days = 28) {
  return {Chain::kCronosPos,       "cronos",      "unbonding",
          mark(200, hours_ago(1)), days * 86'400, {{"entries_max", "7"}}};
}

/// One interval of a day in which v1 earned `reward` on a stake of a million.
inline RollForward day_of_stake(int days_ago) {
  RollForward one;
  one.key = key("d1/v1");
  one.account = Account::kStake;
  one.from = mark(static_cast<std::uint64_t>(200 - days_ago - 1), hours_ago(1 + 24 * (days_ago + 1)));
  one.to = mark(static_cast<std::uint64_t>(200 - days_ago), hours_ago(1 + 24 * days_ago));
  one.opening = one.closing = d("1000000");
  return one;
}
inline StakingEvent reward_of_day(int days_ago, const char* amount) {
  StakingEvent event;
  event.key = key("d1/v1");
  event.kind = EventKind::kRewardBase;
  event.mark = mark(static_cast<std::uint64_t>(200 - days_ago), hours_ago(1 + 24 * days_ago));
  event.amount = d(amount);
  event.id = event_id(event.key, event.kind, event.mark.height);
  return event;
}

/// A sync that brought all of it.
inline SyncResult sync_result(const char* delegated = "1000000") {
  SyncResult result;
  result.run = {"cronos", hours_ago(1), hours_ago(1), SyncOutcome::kDone, ""};
  result.readings = {reading(delegated)};
  result.queues = {unbonding()};
  for (int day = 9; day >= 0; --day) {
    result.roll_forwards.push_back(day_of_stake(day));
    result.events.push_back(reward_of_day(day, "100"));
  }
  return result;
}

/// The chain's validators an hour ago: v1 missed one block in a hundred, v2 was slashed once since the
/// history began and once before, v3 earns nothing, v4 is jailed.
inline ValidatorSet validator_set() {
  ValidatorSet set;
  set.source = "cronos";
  set.asset = kCro;
  set.mark = mark(200, hours_ago(1));
  set.bonded = d("800000000");
  set.annual_provisions = d("42000000");
  set.community_tax = d("0.02");
  set.history_from = 20;
  set.history_since = hours_ago(1 + 24 * 365);
  const auto add = [&](const char* name, const char* status, const char* tokens, const char* commission) {
    ValidatorRecord one;
    one.address = name;
    one.consensus_address = std::string("cons") + name;
    one.name = std::string("operator of ") + name;
    one.status = status;
    one.tokens = d(tokens);
    one.commission = d(commission);
    one.signed_window = 5'000;
    one.observed_since = set.history_since;
    one.slashes_to = 200;
    set.validators.push_back(one);
  };
  add("v1", "bonded", "500000000", "0.1");
  set.validators.back().missed_blocks = 50;
  add("v2", "bonded", "300000000", "0.05");
  add("v3", "unbonded", "7000", "0.01");
  add("v4", "unbonding", "1000", "0");
  set.validators.back().jailed = true;
  set.slashes = {{"v2", 3, d("0.5"), 0, 20}, {"v2", 9, d("0.01"), 100, 150}};
  return set;
}

/// v1 and v2 through the custodian "cc", v3 by hand; v4 is jailed.
inline constexpr const char* kRequest = R"({"id":"2026-12","asset":"CRO","decimals":8,
 "policy":{"commission_max":"0.2","fund_validator_share_max":"0.2","stake_fee":"1"},
 "validators":[
  {"place":"v1","owner":"one","tokens":"500000000","gross_rate":"0.05","commission":"0.1","custodian":"cc"},
  {"place":"v2","owner":"two","tokens":"300000000","gross_rate":"0.05","commission":"0.05","custodian":"cc"},
  {"place":"v4","owner":"four","tokens":"1000","gross_rate":"0.09","commission":"0","jailed":true}],
 "redemptions":[{"days":7,"coins":"100000"}]})";

}  // namespace navkeeper::staking::world
