#include "services/sandbox/chains/cronos_ledger.h"

#include <algorithm>
#include <set>

#include "common/base/base64.h"
#include "common/base/refuse.h"
#include "common/crypto/bech32.h"
#include "common/crypto/digest.h"
#include "common/crypto/hash.h"
#include "common/money/units.h"
#include "services/sandbox/chains/chain_node.h"

namespace navkeeper::sandbox {
namespace {

using money::Decimal;
using money::Int128;
using money::Rounding;

constexpr SimulatedChain kChain = SimulatedChain::kCronosPos;
constexpr int kDecimals = 18;
constexpr Int128 kBlockRewards = 15'712'345'678;  ///< basecro of each block, about mainnet's in 2026
constexpr Int128 kBlocksPerYear = 6'311'520;
constexpr Int128 kFee = 5'000;
constexpr Int128 kPowerReduction = 1'000'000;

struct Seat {
  int number;
  Int128 others_cro;
  const char* commission;
};
constexpr Seat kSeats[] = {{1, 250'000'000, "0.05"},
                           {2, 180'000'000, "0.1"},
                           {3, 90'000'000, "0.07"},
                           {4, 60'000'000, "0.2"},
                           {5, 300'000'000, "0.025"}};

const std::map<std::string, std::string>& genesis_parameters() {
  static const std::map<std::string, std::string> all{
      {"unbonding_time", "2419200"},       {"max_entries", "7"},
      {"max_validators", "100"},           {"community_tax", "0"},
      {"signed_blocks_window", "5000"},    {"min_signed_per_window", "0.5"},
      {"downtime_jail_duration", "86400"}, {"slash_fraction_double_sign", "0.05"},
      {"slash_fraction_downtime", "0"}};
  return all;
}

Decimal whole(Int128 units) { return Decimal::of(units); }
Int128 cut(const Decimal& value) { return *value.rounded(0, Rounding::kDown).to_units(0); }
Decimal times_cut(const Decimal& a, const Decimal& b) {
  return money::multiply(a, b, kDecimals, Rounding::kDown);
}
/// The SDK's Quo: cut after 36 decimals, then half-even at 18.
Decimal worth(const Decimal& shares, const CronosValidator& validator) {
  if (shares.is_zero()) return {};
  return money::mul_div(shares, whole(validator.tokens), validator.shares, 2 * kDecimals, Rounding::kDown)
      .rounded(kDecimals, Rounding::kHalfEven);
}

std::string text(Int128 units) { return money::to_string(units); }
std::string cro(Int128 units) { return text(units) + "basecro"; }

std::string bech32(const char* prefix, std::span<const std::uint8_t> bytes) {
  return *crypto::write_bech32({crypto::Bech32Kind::kBech32, prefix, crypto::to_words(bytes)});
}

}  // namespace

Decimal cronos_annual_provisions() { return whole(kBlockRewards) * whole(kBlocksPerYear); }

std::string cronos_module(std::string_view name) {
  return bech32("cro", first_bytes(crypto::sha256(name), 20));
}

std::string cronos_payment_id(std::uint64_t seed, std::uint64_t number) {
  return crypto::sha256_hex(std::to_string(seed) + " " + std::string(name_of(kChain)) + " payment " +
                            std::to_string(number));
}

const std::vector<CronosTierPosition>& cronos_tier_positions() {
  /// The second has an address that is not derived from its number, as since chain-main v8.
  static const std::vector<CronosTierPosition> all{{7, 0, 2'000'000 * kBasecroPerCro, 1'234'567, false},
                                                   {8, 0, 50'000 * kBasecroPerCro + 5, 99, true}};
  return all;
}

std::string cronos_tier_address(const CronosTierPosition& position) {
  return cronos_module("tieredrewards/position/" + std::to_string(position.id) +
                       (position.exiting ? "/salt" : ""));
}

Int128 CronosState::delegated(const std::string& delegator, int validator) const {
  const CronosValidator& at = validators.at(validator);
  const auto found = at.delegations.find(delegator);
  return found == at.delegations.end() ? 0 : cut(worth(found->second.shares, at));
}

Decimal CronosState::rewards(const std::string& delegator, int validator) const {
  const CronosValidator& at = validators.at(validator);
  const auto found = at.delegations.find(delegator);
  if (found == at.delegations.end()) return {};
  const CronosDelegation& delegation = found->second;
  Decimal stake = delegation.start_stake;
  Decimal from = at.ratios[delegation.start_period];
  std::uint64_t period = delegation.start_period;
  Decimal sum;
  for (const CronosSlash& slash : at.slashes) {
    if (slash.height < delegation.start_height || slash.period <= period) continue;
    sum += times_cut(at.ratios[slash.period] - from, stake);
    stake = times_cut(stake, whole(1) - slash.fraction);
    from = at.ratios[slash.period];
    period = slash.period;
  }
  stake = std::min(stake, worth(delegation.shares, at));
  Decimal now = at.ratios.back();
  if (at.tokens != 0) now += money::divide(at.current, whole(at.tokens), kDecimals, Rounding::kDown);
  return sum + times_cut(now - from, stake);
}

std::uint64_t CronosValidator::missed_of(std::uint64_t window, std::uint64_t height) const {
  const std::uint64_t first = height >= window ? height - window + 1 : 0;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < missed.size(); ++i) {
    const bool runs = is_down && i + 1 == missed.size();
    const std::uint64_t from = std::max(missed[i].first, first);
    const std::uint64_t to = std::min(runs ? height : missed[i].second, height);
    if (from <= to) count += to - from + 1;
  }
  return count;
}

/// Walks from the first block on; what happens at `log_height` is written down.
struct CronosLedger::Replay {
  const CronosLedger& ledger;
  const std::vector<CronosAct>& acts;
  CronosState state;
  std::uint64_t log_height = 0;
  CronosBlockLog log = {};
  std::vector<std::uint64_t> busy = {};

  time::Instant now() const { return ledger.world_.time_of(kChain, state.height); }
  bool logs() const { return state.height == log_height; }
  std::string parameter(const char* name) const { return state.parameters.at(name); }
  CronosValidator& at(int number) { return state.validators.at(number); }

  void to(std::uint64_t height) {
    std::size_t next = 0;
    const BlockRhythm& rhythm = ledger.world_.rhythm(kChain);
    const auto block_of = [&](time::Instant moment) {
      const std::int64_t since = std::max<std::int64_t>((moment - rhythm.first_at).ns(), 0);
      return rhythm.first +
             static_cast<std::uint64_t>((since + rhythm.interval.ns() - 1) / rhythm.interval.ns());
    };
    while (state.height < height) {
      // The next block in which anything but allocation happens.
      std::uint64_t stop = height;
      const std::uint64_t coming = state.height + 1;
      if (next < acts.size()) stop = std::min(stop, std::max(block_of(acts[next].at), coming));
      for (const auto* entries : {&state.unbondings, &state.redelegations}) {
        for (const CronosEntry& entry : *entries)
          stop = std::min(stop, std::max(block_of(entry.completes_at), coming));
      }
      for (const auto& [number, validator] : state.validators)
        if (const auto jailed = jailed_at(validator, coming, stop)) stop = std::min(stop, *jailed);
      if (stop > coming) allocate(stop - coming);
      state.height = stop;
      if (logs()) log_allocation();
      allocate(1);
      const std::size_t before = next;
      std::vector<const CronosAct*> now_acting;
      while (next < acts.size() && block_of(acts[next].at) <= stop) now_acting.push_back(&acts[next++]);
      const bool anybody_jailed = jail_who_missed();
      for (const CronosAct* act : now_acting) {
        if (act->delegator.empty() && act->kind != "unjail") fault(*act);
      }
      for (const CronosAct* act : now_acting) {
        if (!act->delegator.empty() || act->kind == "unjail") transaction(*act);
      }
      const bool ended = complete();
      if (next != before || ended || anybody_jailed) busy.push_back(stop);
    }
  }

  std::uint64_t window() const { return std::stoull(parameter("signed_blocks_window")); }
  /// One more and a validator is jailed: the window less its part that must be signed, rounded half-even.
  std::uint64_t missed_max() const {
    const Decimal must =
        (Decimal::literal(parameter("min_signed_per_window")) * whole(static_cast<Int128>(window())))
            .rounded(0, Rounding::kHalfEven);
    return window() - static_cast<std::uint64_t>(*must.to_units(0));
  }
  /// The first height from `first` to `last` at which one that is down has missed too many.
  std::optional<std::uint64_t> jailed_at(const CronosValidator& validator, std::uint64_t first,
                                         std::uint64_t last) const {
    if (!validator.is_down || validator.jailed) return std::nullopt;
    const std::uint64_t most = missed_max();
    const std::uint64_t whole_window = window();
    // While it is down the count never falls, and is the whole window in the end.
    if (validator.missed_of(whole_window, last) <= most) return std::nullopt;
    while (first < last) {
      const std::uint64_t middle = first + (last - first) / 2;
      if (validator.missed_of(whole_window, middle) > most)
        last = middle;
      else
        first = middle + 1;
    }
    return first;
  }

  /// As the slashing module does at a block's beginning: slashed for downtime, jailed for a while, its record
  /// of missed blocks begun anew.
  bool jail_who_missed() {
    bool any = false;
    for (auto& [number, validator] : state.validators) {
      if (!jailed_at(validator, state.height, state.height)) continue;
      any = true;
      CronosAct downtime;
      downtime.validator = number;
      downtime.fraction = Decimal::literal(parameter("slash_fraction_downtime"));
      const Int128 before = validator.tokens;
      if (!downtime.fraction.is_zero()) slash(downtime);
      validator.jailed = true;
      validator.jailed_until =
          now() + time::Duration::seconds(std::stoll(parameter("downtime_jail_duration")));
      validator.is_down = false;
      validator.missed.clear();
      if (!logs()) continue;
      const std::string address = ledger.consensus_address(number);
      log.begin.push_back({"slash",
                           {{"address", address},
                            {"power", text(before / kPowerReduction)},
                            {"reason", "missing_signature"},
                            {"jailed", address},
                            {"burned_coins", text(before - validator.tokens)}}});
    }
    return any;
  }

  /// What a block gives each bonded validator, and the commission of it.
  std::map<int, std::pair<Decimal, Decimal>> shares_of_block() const {
    Int128 power = 0;
    for (const auto& [number, validator] : state.validators) {
      if (!validator.jailed) power += validator.tokens / kPowerReduction;
    }
    std::map<int, std::pair<Decimal, Decimal>> all;
    if (power == 0) return all;
    const Decimal pot =
        times_cut(whole(kBlockRewards), whole(1) - Decimal::literal(parameter("community_tax")));
    for (const auto& [number, validator] : state.validators) {
      if (validator.jailed) continue;
      const Decimal part =
          money::divide(whole(validator.tokens / kPowerReduction), whole(power), kDecimals, Rounding::kDown);
      const Decimal reward = times_cut(pot, part);
      all[number] = {reward,
                     money::multiply(reward, validator.commission_rate, kDecimals, Rounding::kHalfEven)};
    }
    return all;
  }

  void allocate(std::uint64_t blocks) {
    const Decimal count = whole(static_cast<Int128>(blocks));
    for (const auto& [number, amounts] : shares_of_block()) {
      at(number).current += (amounts.first - amounts.second) * count;
      at(number).commission += amounts.second * count;
    }
  }

  void log_allocation() {
    for (const auto& [number, amounts] : shares_of_block()) {
      const std::string validator = ledger.validator_address(number);
      log.begin.push_back(
          {"commission",
           {{"amount", amounts.second.to_fixed(kDecimals) + "basecro"}, {"validator", validator}}});
      log.begin.push_back(
          {"rewards", {{"amount", amounts.first.to_fixed(kDecimals) + "basecro"}, {"validator", validator}}});
    }
  }

  std::uint64_t end_period(CronosValidator& validator) {
    const Decimal grown = validator.tokens == 0 ? Decimal{}
                                                : money::divide(validator.current, whole(validator.tokens),
                                                                kDecimals, Rounding::kDown);
    validator.ratios.push_back(validator.ratios.back() + grown);
    validator.current = {};
    return validator.ratios.size() - 1;
  }

  /// The delegation earns from here on.
  void start(CronosValidator& validator, const std::string& delegator) {
    CronosDelegation& delegation = validator.delegations.at(delegator);
    delegation.start_period = validator.ratios.size() - 1;
    delegation.start_stake = money::mul_div(delegation.shares, whole(validator.tokens), validator.shares,
                                            kDecimals, Rounding::kDown);
    delegation.start_height = state.height;
  }

  /// Pays what was earned, whole units; the period ends.
  void claim(int number, const std::string& delegator, std::vector<CronosEvent>& events) {
    CronosValidator& validator = at(number);
    const Int128 paid = cut(state.rewards(delegator, number));
    end_period(validator);
    std::string to = delegator;
    for (const CronosTierPosition& position : cronos_tier_positions()) {
      if (cronos_tier_address(position) == delegator)
        to = ledger.world_.addresses(kChain)[static_cast<std::size_t>(position.owner)];
    }
    state.bank[to] += paid;
    if (paid > 0)
      events.push_back(
          {"transfer",
           {{"recipient", to}, {"sender", cronos_module("distribution")}, {"amount", cro(paid)}}});
    events.push_back({"withdraw_rewards",
                      {{"amount", paid > 0 ? cro(paid) : ""},
                       {"validator", ledger.validator_address(number)},
                       {"delegator", delegator}}});
  }

  Decimal issue(int number, const std::string& delegator, Int128 amount, std::vector<CronosEvent>& events) {
    CronosValidator& validator = at(number);
    const Decimal shares = validator.shares.is_zero()
                               ? whole(amount)
                               : money::mul_div(validator.shares, whole(amount), whole(validator.tokens),
                                                kDecimals, Rounding::kDown);
    if (validator.delegations.contains(delegator))
      claim(number, delegator, events);
    else
      end_period(validator);
    validator.tokens += amount;
    validator.shares += shares;
    validator.delegations[delegator].shares += shares;
    start(validator, delegator);
    return shares;
  }

  /// The whole tokens that the shares were worth.
  Int128 redeem(int number, const std::string& delegator, const Decimal& shares,
                std::vector<CronosEvent>& events) {
    CronosValidator& validator = at(number);
    claim(number, delegator, events);
    CronosDelegation& delegation = validator.delegations.at(delegator);
    delegation.shares -= shares;
    if (delegation.shares.is_zero())
      validator.delegations.erase(delegator);
    else
      start(validator, delegator);
    const Int128 tokens = shares == validator.shares ? validator.tokens : cut(worth(shares, validator));
    validator.tokens -= tokens;
    validator.shares -= shares;
    return tokens;
  }

  std::optional<Decimal> shares_for(int number, const std::string& delegator, Int128 amount) {
    CronosValidator& validator = at(number);
    const auto found = validator.delegations.find(delegator);
    if (found == validator.delegations.end() || validator.tokens == 0) return std::nullopt;
    const Decimal shares =
        money::mul_div(validator.shares, whole(amount), whole(validator.tokens), kDecimals, Rounding::kDown);
    return shares > found->second.shares ? std::nullopt : std::optional(shares);
  }

  std::string completion() const { return completes_at().to_string(); }
  time::Instant completes_at() const {
    return now() + time::Duration::seconds(std::stoll(parameter("unbonding_time")));
  }

  void transaction(const CronosAct& act) {
    CronosBlockLog::Transaction result;
    if (act.kind != "unjail") {
      state.bank[act.delegator] -= kFee;
      result.events = {
          {"coin_spent", {{"spender", act.delegator}, {"amount", cro(kFee)}}},
          {"coin_received", {{"receiver", cronos_module("fee_collector")}, {"amount", cro(kFee)}}},
          {"transfer",
           {{"recipient", cronos_module("fee_collector")}, {"sender", act.delegator}, {"amount", cro(kFee)}}},
          {"message", {{"sender", act.delegator}}},
          {"tx", {{"fee", cro(kFee)}, {"fee_payer", act.delegator}}}};
    }
    std::vector<CronosEvent> events;
    if (perform(act, events)) {
      for (CronosEvent& event : events) event.attributes.emplace_back("msg_index", "0");
      result.events.insert(result.events.end(), events.begin(), events.end());
    } else {
      result.code = 18;
    }
    if (logs()) log.transactions.push_back(std::move(result));
  }

  bool perform(const CronosAct& act, std::vector<CronosEvent>& events) {
    const std::string validator = ledger.validator_address(act.validator);
    const auto message = [&](const char* type, const char* module) {
      events.push_back({"message",
                        {{"action", type},
                         {"sender", act.delegator.empty() ? cronos_module("operator") : act.delegator},
                         {"module", module}}});
    };
    if (act.kind == "unjail") {
      message("/cosmos.slashing.v1beta1.MsgUnjail", "slashing");
      if (!at(act.validator).jailed || at(act.validator).tombstoned || now() < at(act.validator).jailed_until)
        return false;
      at(act.validator).jailed = false;
      return true;
    }
    if (act.kind == "claim") {
      message("/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward", "distribution");
      if (!at(act.validator).delegations.contains(act.delegator)) return false;
      claim(act.validator, act.delegator, events);
      start(at(act.validator), act.delegator);
      return true;
    }
    if (act.kind == "delegate") {
      message("/cosmos.staking.v1beta1.MsgDelegate", "staking");
      CronosValidator& to = at(act.validator);
      const Int128 free = ledger.paid_in(act.delegator, state.height) + state.bank[act.delegator];
      if (free < act.amount || (to.tokens == 0 && !to.shares.is_zero())) return false;
      state.bank[act.delegator] -= act.amount;
      const Decimal shares = issue(act.validator, act.delegator, act.amount, events);
      events.push_back({"delegate",
                        {{"validator", validator},
                         {"delegator", act.delegator},
                         {"amount", cro(act.amount)},
                         {"new_shares", shares.to_fixed(kDecimals)}}});
      return true;
    }
    if (act.kind == "undelegate") {
      message("/cosmos.staking.v1beta1.MsgUndelegate", "staking");
      return undelegate(act, validator, events);
    }
    if (act.kind == "redelegate") {
      message("/cosmos.staking.v1beta1.MsgBeginRedelegate", "staking");
      return redelegate(act, validator, events);
    }
    message("/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation", "staking");
    return cancel(act, validator, events);
  }

  bool undelegate(const CronosAct& act, const std::string& validator, std::vector<CronosEvent>& events) {
    const auto entries = std::count_if(
        state.unbondings.begin(), state.unbondings.end(),
        [&](const auto& each) { return each.delegator == act.delegator && each.validator == act.validator; });
    const auto shares = shares_for(act.validator, act.delegator, act.amount);
    if (!shares || entries >= std::stoll(parameter("max_entries"))) return false;
    const Int128 tokens = redeem(act.validator, act.delegator, *shares, events);
    state.unbondings.push_back(
        {act.delegator, act.validator, 0, state.height, completes_at(), tokens, tokens, {}});
    events.push_back({"unbond",
                      {{"validator", validator},
                       {"delegator", act.delegator},
                       {"amount", cro(tokens)},
                       {"completion_time", completion()}}});
    return true;
  }

  bool redelegate(const CronosAct& act, const std::string& validator, std::vector<CronosEvent>& events) {
    std::int64_t pairs = 0;
    for (const CronosEntry& entry : state.redelegations) {
      if (entry.delegator != act.delegator) continue;
      if (entry.destination == act.validator) return false;  // It may not hop on.
      pairs += static_cast<int>(entry.validator == act.validator && entry.destination == act.destination);
    }
    const auto shares = shares_for(act.validator, act.delegator, act.amount);
    const CronosValidator& to = at(act.destination);
    if (!shares || act.validator == act.destination || pairs >= std::stoll(parameter("max_entries")) ||
        (to.tokens == 0 && !to.shares.is_zero()) || worth(*shares, at(act.validator)) < whole(1))
      return false;
    const Int128 tokens = redeem(act.validator, act.delegator, *shares, events);
    const Decimal issued = issue(act.destination, act.delegator, tokens, events);
    state.redelegations.push_back({act.delegator, act.validator, act.destination, state.height,
                                   completes_at(), tokens, tokens, issued});
    events.push_back({"redelegate",
                      {{"source_validator", validator},
                       {"destination_validator", ledger.validator_address(act.destination)},
                       {"delegator", act.delegator},
                       {"amount", cro(tokens)},
                       {"completion_time", completion()}}});
    return true;
  }

  bool cancel(const CronosAct& act, const std::string& validator, std::vector<CronosEvent>& events) {
    for (CronosEntry& entry : state.unbondings) {
      if (entry.delegator != act.delegator || entry.validator != act.validator ||
          entry.height != act.infraction_height || entry.balance < act.amount || at(act.validator).jailed)
        continue;
      issue(act.validator, act.delegator, act.amount, events);
      entry.balance -= act.amount;
      entry.initial -= act.amount;
      std::erase_if(state.unbondings, [](const CronosEntry& each) { return each.balance == 0; });
      events.push_back({"cancel_unbonding_delegation",
                        {{"amount", cro(act.amount)},
                         {"validator", validator},
                         {"delegator", act.delegator},
                         {"creation_height", std::to_string(act.infraction_height)}}});
      return true;
    }
    return false;
  }

  /// What nobody signs: faults of validators, and what governance changes.
  void fault(const CronosAct& act) {
    if (act.kind == "parameter") {
      state.parameters[act.parameter] = act.value;
      return;
    }
    if (act.kind == "down" || act.kind == "up") {
      sign(at(act.validator), act.kind == "up");
      return;
    }
    const std::string address = ledger.consensus_address(act.validator);
    if (act.kind == "slash") {
      slash(act);
    } else {
      sign(at(act.validator), true);
      at(act.validator).jailed = true;
      at(act.validator).tombstoned |= act.kind == "tombstone";
    }
    if (!logs()) return;
    if (act.kind == "slash")
      log.begin.push_back({"slash",
                           {{"address", address},
                            {"power", text(at(act.validator).tokens / kPowerReduction)},
                            {"reason", act.infraction_height == 0 ? "missing_signature" : "double_sign"}}});
    else
      log.begin.push_back({"slash", {{"jailed", address}}});
  }

  /// One that is jailed signs nothing, and misses nothing by it.
  void sign(CronosValidator& validator, bool does) {
    if (validator.jailed || validator.is_down == !does) return;
    if (does)
      validator.missed.back().second = state.height - 1;
    else
      validator.missed.emplace_back(state.height, state.height);
    validator.is_down = !does;
  }

  void slash(const CronosAct& act) {
    CronosValidator& validator = at(act.validator);
    const bool looks_back = act.infraction_height != 0 && act.infraction_height < state.height;
    Int128 power = validator.tokens;
    if (looks_back) {
      Replay past{ledger, acts, ledger.genesis()};
      past.to(act.infraction_height);
      power = past.state.validators.at(act.validator).tokens;
    }
    Int128 left = cut(money::multiply(whole(power), act.fraction, kDecimals, Rounding::kHalfEven));
    if (looks_back) {
      for (CronosEntry& entry : state.unbondings) {
        if (entry.validator != act.validator || entry.height < act.infraction_height) continue;
        const Int128 part = cut(whole(entry.initial) * act.fraction);
        left -= part;
        entry.balance -= std::min(part, entry.balance);
      }
      slash_redelegations(act, left);
    }
    const Int128 burned = std::max<Int128>(std::min(left, validator.tokens), 0);
    if (burned == 0) return;
    const Decimal fraction =
        std::min(money::divide(whole(burned), whole(validator.tokens), kDecimals, Rounding::kUp), whole(1));
    validator.slashes.push_back({end_period(validator), fraction, state.height});
    validator.tokens -= burned;
  }

  void slash_redelegations(const CronosAct& act, Int128& left) {
    for (const CronosEntry& entry : state.redelegations) {
      if (entry.validator != act.validator || entry.height < act.infraction_height) continue;
      left -= cut(whole(entry.initial) * act.fraction);
      const auto held = at(entry.destination).delegations.find(entry.delegator);
      if (held == at(entry.destination).delegations.end()) continue;
      const Decimal shares = std::min(
          money::multiply(entry.shares, act.fraction, kDecimals, Rounding::kHalfEven), held->second.shares);
      if (shares.is_zero()) continue;
      std::vector<CronosEvent> events;
      redeem(entry.destination, entry.delegator, shares, events);
      if (logs()) log.begin.insert(log.begin.end(), events.begin(), events.end());
    }
  }

  bool complete() {
    const auto over = [&](const CronosEntry& entry) { return entry.completes_at <= now(); };
    bool any = std::erase_if(state.redelegations, over) > 0;
    std::map<std::pair<std::string, int>, Int128> paid;
    for (const CronosEntry& entry : state.unbondings) {
      if (over(entry)) paid[{entry.delegator, entry.validator}] += entry.balance;
    }
    std::erase_if(state.unbondings, over);
    for (const auto& [pair, amount] : paid) {
      any = true;
      state.bank[pair.first] += amount;
      if (logs())
        log.end.push_back({"complete_unbonding",
                           {{"amount", cro(amount)},
                            {"validator", ledger.validator_address(pair.second)},
                            {"delegator", pair.first}}});
    }
    return any;
  }
};

CronosLedger::CronosLedger(const ChainWorld& world) : world_(world) {}

std::string CronosLedger::validator_address(int number) const {
  const auto seed = std::to_string(world_.seed()) + "/cronos validator/" + std::to_string(number);
  return bech32("crocncl", first_bytes(crypto::sha256(seed), 20));
}
std::string CronosLedger::consensus_key(int number) const {
  const auto key = crypto::sha256(std::to_string(world_.seed()) + "/cronos key/" + std::to_string(number));
  return base::to_base64(key);
}
std::string CronosLedger::consensus_address(int number) const {
  const auto key = crypto::sha256(std::to_string(world_.seed()) + "/cronos key/" + std::to_string(number));
  return bech32("crocnclcons", first_bytes(crypto::sha256(std::span<const std::uint8_t>(key)), 20));
}

Int128 CronosLedger::paid_in(const std::string& address, std::uint64_t height) const {
  Int128 sum = 0;
  for (const ChainPayment& payment : world_.payments(kChain)) {
    const auto at = world_.height_of(kChain, payment);
    if (!at || *at > height) continue;
    if (payment.to == address) sum += payment.amount;
    if (payment.from == address && sum >= payment.amount) sum -= payment.amount;
  }
  return sum;
}

std::vector<std::pair<std::uint64_t, ChainPayment>> CronosLedger::payments(std::uint64_t first,
                                                                           std::uint64_t last) const {
  std::vector<std::pair<std::uint64_t, ChainPayment>> found;
  std::map<std::string, Int128> held;
  for (const ChainPayment& payment : world_.payments(kChain)) {
    const auto at = world_.height_of(kChain, payment);
    if (!at || *at > last) continue;
    held[payment.to] += payment.amount;
    ChainPayment moved = payment;
    if (!payment.from.empty() && held[payment.from] < payment.amount)
      moved.from.clear();  // It did not have it: nothing left it.
    else
      held[payment.from] -= payment.amount;
    if (*at >= first) found.emplace_back(*at, std::move(moved));
  }
  return found;
}

CronosState CronosLedger::genesis() const {
  CronosState state;
  state.height = world_.rhythm(kChain).first;
  state.parameters = genesis_parameters();
  for (const Seat& seat : kSeats) {
    CronosValidator& validator = state.validators[seat.number];
    validator.commission_rate = Decimal::literal(seat.commission);
    validator.ratios.emplace_back();
  }
  const auto put = [&](int number, const std::string& delegator, Int128 amount) {
    CronosValidator& validator = state.validators.at(number);
    validator.tokens += amount;
    validator.shares += whole(amount);
    validator.delegations[delegator] = {whole(amount), 0, whole(amount), state.height};
  };
  for (const Seat& seat : kSeats)
    put(seat.number, cronos_module("operator " + std::to_string(seat.number)),
        seat.others_cro * kBasecroPerCro);
  const auto& fund = world_.addresses(kChain);
  put(1, fund[0], 3'000'000 * kBasecroPerCro);
  put(2, fund[0], 750'000 * kBasecroPerCro + 13);
  put(2, fund[1], 10'000 * kBasecroPerCro);
  for (const CronosTierPosition& position : cronos_tier_positions())
    put(3, cronos_tier_address(position), position.amount);
  for (const auto& [number, amount] :
       {std::pair<int, Int128>{1, 40'000 * kBasecroPerCro}, {3, 5 * kBasecroPerCro + 1}}) {
    const time::Instant done =
        world_.rhythm(kChain).first_at + time::Duration::hours(std::int64_t{24} * (20 + number));
    // A slash took a coin of each before the world began.
    state.unbondings.push_back({fund[0], number, 0, 29'000'000, done, amount + kBasecroPerCro, amount, {}});
  }
  return state;
}

void CronosLedger::act(CronosAct act) {
  static const std::set<std::string> by_delegator{"delegate", "undelegate", "redelegate", "cancel_unbonding",
                                                  "claim"};
  static const std::set<std::string> by_fault{"slash", "jail", "unjail",   "tombstone",
                                              "down",  "up",   "parameter"};
  const bool delegates = by_delegator.contains(act.kind);
  if (!delegates && !by_fault.contains(act.kind))
    base::refuse("act",
                 "must be delegate, undelegate, redelegate, cancel_unbonding, claim, slash, jail, "
                 "unjail, tombstone, down, up or parameter");
  const int seats = static_cast<int>(std::size(kSeats));
  if (act.kind != "parameter" && (act.validator < 1 || act.validator > seats))
    base::refuse("validator", "must be a number from 1 to " + std::to_string(seats));
  if (act.kind == "redelegate" && (act.destination < 1 || act.destination > seats))
    base::refuse("destination", "must be a number from 1 to " + std::to_string(seats));
  if (act.kind == "parameter") {
    if (!genesis_parameters().contains(act.parameter)) base::refuse("parameter", "is none of the chain's");
    const auto value = Decimal::parse(act.value);
    const bool fraction = act.parameter.starts_with("slash_") || act.parameter.starts_with("min_") ||
                          act.parameter == "community_tax";
    if (value.has_error() || value->is_negative() || value->scale() > (fraction ? kDecimals : 0) ||
        *value > whole(fraction ? 1 : 1'000'000'000))
      base::refuse("value", fraction ? "must be from 0 to 1" : "must be a whole number");
  }
  if (act.fraction.is_negative() || act.fraction > whole(1) || act.fraction.scale() > kDecimals)
    base::refuse("fraction", "must be from 0 to 1 with at most 18 decimals");
  if (delegates == act.delegator.empty())
    base::refuse("delegator", delegates ? "is missing" : "has nothing to do with this");
  const std::lock_guard lock(mutex_);
  act.at = world_.now() + time::Duration::from_ns(1);
  acts_.push_back(std::move(act));
}

CronosState CronosLedger::state_at(std::uint64_t height) const {
  const std::lock_guard lock(mutex_);
  Replay replay{*this, acts_, genesis()};
  replay.to(height);
  return std::move(replay.state);
}

CronosBlockLog CronosLedger::block(std::uint64_t height) const {
  const std::lock_guard lock(mutex_);
  Replay replay{*this, acts_, genesis(), height};
  replay.to(height);
  const std::string outside = cronos_module("outside");
  for (const auto& [at, payment] : payments(height, height)) {
    const std::string& from = payment.from.empty() ? outside : payment.from;
    const std::string& to = payment.to.empty() ? outside : payment.to;
    if (from == to) continue;
    replay.log.transactions.push_back(
        {0,
         {{"message", {{"action", "/cosmos.bank.v1beta1.MsgSend"}, {"sender", from}, {"msg_index", "0"}}},
          {"transfer",
           {{"recipient", to}, {"sender", from}, {"amount", cro(payment.amount)}, {"msg_index", "0"}}}},
         cronos_payment_id(world_.seed(), payment.number)});
  }
  return std::move(replay.log);
}

std::vector<std::uint64_t> CronosLedger::busy_heights(std::uint64_t first, std::uint64_t last) const {
  const std::lock_guard lock(mutex_);
  Replay replay{*this, acts_, genesis()};
  replay.to(last);
  std::erase_if(replay.busy, [&](std::uint64_t height) { return height < first; });
  for (const auto& [height, payment] : payments(first, last)) replay.busy.push_back(height);
  std::sort(replay.busy.begin(), replay.busy.end());
  replay.busy.erase(std::unique(replay.busy.begin(), replay.busy.end()), replay.busy.end());
  return std::move(replay.busy);
}

}  // namespace navkeeper::sandbox
