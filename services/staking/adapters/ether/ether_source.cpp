#include "services/staking/adapters/ether/ether_source.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "services/staking/adapters/ether/queue_readings.h"
#include "services/staking/app/set_aside.h"
#include "services/staking/app/validator_reading.h"
#include "services/staking/domain/ether/own_validators.h"
#include "services/staking/domain/ether/slashing.h"
#include "services/staking/domain/measures/alarms.h"
#include "services/staking/domain/measures/ether_duties.h"

namespace navkeeper::staking::ether {
namespace {

constexpr int kDutyDays = 30;  ///< over which a validator's attestations speak for it
constexpr const char* kConfigured =
    "configured";                      ///< the parameter that says which validators were asked about
constexpr Epoch kIntervalsASync = 64;  ///< further behind, intervals grow up to a day

/// Validators never leave the registry; a deposit leaves its queue for nothing when its signature is bad.
std::set<std::string> keys_of(const EtherReading& reading) {
  std::set<std::string> keys;
  for (const OwnValidator& one : reading.validators) keys.insert(one.pubkey);
  return keys;
}

/// Where two nodes differ; empty when they do not.
std::string difference(const EtherReading& a, const EtherReading& b) {
  if (a.mark.root != b.mark.root) return "the root of the state of slot " + std::to_string(a.mark.height);
  if (a.validators.size() != b.validators.size()) return "the list of validators";
  for (std::size_t i = 0; i < a.validators.size(); ++i) {
    const OwnValidator& one = a.validators[i];
    const OwnValidator& other = b.validators[i];
    if (one == other) continue;
    const std::string whose = "validator " + std::to_string(one.validator.index);
    if (one.validator.balance != other.validator.balance)
      return whose + ": " + std::to_string(one.validator.balance) + " and " +
             std::to_string(other.validator.balance) + " Gwei";
    return whose;
  }
  if (a.deposits != b.deposits) return "the queue of deposits";
  if (a.partials != b.partials) return "the queue of partial withdrawals";
  if (a.consolidations != b.consolidations) return "the queue of consolidations";
  return "";
}

class EtherSource final : public StakingSource {
 public:
  EtherSource(EtherSettings settings, std::vector<std::shared_ptr<http::NodeCarrier>> carriers,
              std::vector<std::shared_ptr<http::NodeCarrier>> execution)
      : settings_(std::move(settings)) {
    ENSURE(carriers.size() == settings_.nodes.size() && !carriers.empty());
    ENSURE(execution.size() == settings_.execution.size());
    for (std::size_t i = 0; i < execution.size(); ++i)
      execution_.push_back(
          std::make_unique<ExecutionClient>(settings_.execution[i].name, std::move(execution[i])));
    for (std::size_t i = 0; i < carriers.size(); ++i)
      nodes_.push_back(
          std::make_unique<BeaconClient>(settings_.nodes[i].name, std::move(carriers[i]), settings_));
  }

  const std::string& name() const override { return settings_.name; }
  const model::FundId& fund() const override { return settings_.fund; }

  SyncResult read(StakingStore& store) override {
    std::vector<Alert> alerts;
    std::string unavailable;
    std::optional<base::Refused> refused;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      try {
        SyncResult result = read_from(i, store);
        result.alerts.insert(result.alerts.end(), alerts.begin(), alerts.end());
        for (const Alert& alert : alerts) add_detail(result, alert.subject + ": " + alert.detail);
        if (!unavailable.empty()) add_detail(result, unavailable);
        return result;
      } catch (const base::Unavailable& failure) {
        if (!unavailable.empty()) unavailable += "; ";
        unavailable += failure.what();
      } catch (const base::Refused& failure) {
        if (!refused) refused = failure;
        alerts.push_back({name(), "not_believed", failure.refusal().where, failure.refusal().rule});
      }
    }
    if (refused) throw *refused;
    throw base::Unavailable(unavailable);
  }

  std::vector<model::NodeAnswer> take_raw() override {
    std::vector<model::NodeAnswer> all;
    for (const auto& node : nodes_) {
      for (model::NodeAnswer& answer : node->take_raw()) all.push_back(std::move(answer));
    }
    for (const auto& node : execution_) {
      for (model::NodeAnswer& answer : node->take_raw()) all.push_back(std::move(answer));
    }
    std::move(raw_.begin(), raw_.end(), std::back_inserter(all));
    raw_.clear();
    return all;
  }

 private:
  static void add_detail(SyncResult& result, const std::string& what) {
    if (result.run.detail.find(what) != std::string::npos) return;
    if (!result.run.detail.empty()) result.run.detail += "; ";
    result.run.detail += what;
  }

  SyncResult read_from(std::size_t number, StakingStore& store) {
    BeaconClient& node = *nodes_[number];
    const Epoch final_epoch = node.finalized_epoch();
    SyncResult result;
    const auto stored = newest(store);
    if (!stored) {
      if (settings_.from_epoch > final_epoch)
        base::refuse(name(), "from_epoch " + std::to_string(settings_.from_epoch) +
                                 " is not final yet: the newest final epoch is " +
                                 std::to_string(final_epoch));
      EtherReading first = node.reading(settings_.from_epoch == 0 ? final_epoch : settings_.from_epoch, {});
      compare(number, first, {}, result);
      keep(node, first, result);
      add_parameter(first, result);
      add_configured(first.mark, "", result);
      add_queues(node, first, result);
      add_validators(node, first, store, result);
      last_ = std::move(first);
      return result;
    }
    const Epoch begin = stored->mark.height / kSlotsPerEpoch;
    if (final_epoch < begin)
      base::refuse(node.name(), "its newest final epoch " + std::to_string(final_epoch) +
                                    " lies before the last reading, of epoch " + std::to_string(begin));
    EtherReading from = last_ && last_->mark == stored->mark ? *last_ : node.reading(begin, {});
    must_be_stored(node, from, *stored, configured_at_last(store));
    const Epoch behind = final_epoch - begin;
    const Epoch step =
        std::min<Epoch>(kEpochsPerDay, std::max(static_cast<Epoch>(settings_.every_epochs),
                                                (behind + kIntervalsASync - 1) / kIntervalsASync));
    // What is concluded anew ends at other states than what was set aside.
    const auto set_aside = store.set_aside(fund(), name());
    const auto end_after = [&](Epoch epoch) {
      for (epoch += step; set_aside.contains(epoch * kSlotsPerEpoch);) ++epoch;
      return epoch;
    };
    for (Epoch intervals = 0; intervals < kIntervalsASync && end_after(from.epoch()) <= final_epoch;
         ++intervals) {
      const auto known = keys_of(from);
      EtherReading to = node.reading(end_after(from.epoch()), known);
      compare(number, to, known, result);
      advance(node, from, to, result);
      from = std::move(to);
    }
    if (!result.readings.empty()) {
      add_configured(from.mark, configured_at_last(store), result);
      add_queues(node, from, result);
      add_validators(node, from, store, result);
    }
    last_ = std::move(from);
    return result;
  }

  /// Of the newest state alone: forecasts begin with it.
  void add_queues(BeaconClient& node, const EtherReading& reading, SyncResult& result) {
    if (settings_.total_active_ether == 0) return;  // the churn is not known
    const auto exits = node.exits(reading);
    if (!exits) {
      add_detail(result, node.name() + " does not tell which validators exit: no forecast of queues");
      return;
    }
    result.queues = queue_readings(name(), reading, *exits, node.clock().genesis,
                                   settings_.total_active_ether * kIncrement);
  }

  /// The fund's own validators for its plans, every six hours, with what they attested in the last thirty
  /// days.
  void add_validators(const BeaconClient& node, const EtherReading& reading, StakingStore& store,
                      SyncResult& result) const {
    StakingQuery query;
    query.source = name();
    ValidatorQuestion question;
    question.source = name();
    OwnValidatorsQuestion asked;
    for (ValidatorSet& set : store.validator_sets(fund(), query)) {
      asked.first = StateMark{set.history_from, "", set.history_since};
      question.last = std::move(set);
    }
    if (!is_set_due(question, reading.mark)) return;
    asked.source = name();
    asked.asset = settings_.asset;
    asked.total_active = settings_.total_active_ether * kIncrement;
    query.from = reading.mark.at - time::Duration::hours(std::int64_t{24} * kDutyDays);
    for (const DutyReading& one : store.duties(fund(), query)) add(asked, one);
    for (const DutyReading& one : result.duties) add(asked, one);
    result.validator_sets.push_back(
        own_validators(reading, asked, [&](Epoch epoch) { return node.clock().of_epoch(epoch); }));
  }
  static void add(OwnValidatorsQuestion& to, const DutyReading& one) {
    to.duties[std::stoull(one.place)] += one.duties;
  }

  std::optional<PositionReading> newest(StakingStore& store) {
    StakingQuery query;
    query.source = name();
    for (StoredReading& one : store.readings(fund(), query)) {
      if (one.reading.chain == Chain::kEthereum) return std::move(one.reading);
    }
    return std::nullopt;
  }

  /// Which validators are asked about, as one word.
  std::string configured() const {
    std::vector<std::string> all = settings_.validators;
    std::sort(all.begin(), all.end());
    std::string text;
    for (const std::string& one : all) text += one + '\n';
    const auto digest = crypto::sha256(text);
    return base::to_hex(base::Bytes(digest.begin(), digest.end()));
  }
  /// The same of the last reading; empty: it was not kept.
  std::string configured_at_last(StakingStore& store) const {
    StakingQuery query;
    query.source = name();
    std::string last;
    for (const ParameterReading& one : store.parameters(fund(), query))
      if (one.chain == Chain::kEthereum && one.name == kConfigured) last = one.value;
    return last;
  }
  void add_configured(const StateMark& mark, const std::string& before, SyncResult& result) const {
    const std::string now = configured();
    if (now != before) result.parameters.push_back({Chain::kEthereum, name(), kConfigured, now, mark});
  }

  /// A final state never changes: what a node says of it now is what was stored. Validators may be added to
  /// the configuration; one that holds something may not be taken out of it.
  void must_be_stored(const BeaconClient& node, const EtherReading& from, const PositionReading& stored,
                      const std::string& configured_then) const {
    const auto sums_of = [](const std::vector<Position>& all) {
      std::map<std::string, money::Decimal> sums;
      for (const Position& one : all) sums[one.key.place] += one.amount;
      return sums;
    };
    const std::string slot = std::to_string(stored.mark.height);
    if (from.mark.root != stored.mark.root)
      base::refuse(node.name(), "has another root of the final state of slot " + slot + " than was stored" +
                                    kSetAsideHint);
    const auto now = sums_of(positions(node, from));
    for (const auto& [place, amount] : sums_of(stored.positions)) {
      const auto found = now.find(place);
      if (found == now.end() && amount.is_zero()) continue;
      if (found == now.end() && configured_then == configured())
        base::refuse(node.name(), "says nothing of validator " + place + " at the final state of slot " +
                                      slot + ", and " + amount.to_string() + " was stored" + kSetAsideHint);
      if (found == now.end())
        base::refuse(name(), "validator " + place + " held " + amount.to_string() + " at slot " + slot +
                                 " and is not configured any more");
      if (found->second != amount)
        base::refuse(node.name(), "says " + found->second.to_string() + " of validator " + place +
                                      " at the final state of slot " + slot + ", and " + amount.to_string() +
                                      " was stored" + kSetAsideHint);
    }
    // Of validators that are configured since then nothing was stored.
    if (configured_then != configured()) return;
    const auto then = sums_of(stored.positions);
    for (const auto& [place, amount] : now) {
      if (!amount.is_zero() && !then.contains(place))
        base::refuse(node.name(), "says " + amount.to_string() + " of validator " + place +
                                      " at the final state of slot " + slot + ", and nothing was stored" +
                                      kSetAsideHint);
    }
  }

  void compare(std::size_t number, const EtherReading& reading, const std::set<std::string>& known,
               SyncResult& result) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (i == number) continue;
      BeaconClient& other = *nodes_[i];
      std::optional<EtherReading> theirs;
      try {
        if (other.finalized_epoch() >= reading.epoch()) theirs = other.reading(reading.epoch(), known);
      } catch (const base::Unavailable& failure) {
        add_detail(result, "not compared: " + std::string(failure.what()));
        continue;
      } catch (const base::Refused& failure) {
        add_detail(result, "not compared: " + std::string(failure.what()));
        result.alerts.push_back({name(), "not_believed", failure.refusal().where, failure.refusal().rule});
        continue;
      }
      if (!theirs) {
        add_detail(result, "not compared: " + other.name() + " is behind");
        continue;
      }
      const std::string where = difference(reading, *theirs);
      if (!where.empty()) base::refuse(nodes_[number]->name() + " and " + other.name(), "differ in " + where);
    }
  }

  void advance(BeaconClient& node, const EtherReading& from, const EtherReading& to, SyncResult& result) {
    std::vector<Note> notes;
    EtherFlows flows = node.flows(from, to, notes);
    if (!execution_.empty()) {
      for (const OwnBlock& block : flows.own_blocks) flows.tips.push_back(tips_of(block, result));
    }
    EtherBooks books = keep_books(name(), settings_.asset, from, to, flows);
    notes.insert(notes.end(), books.notes.begin(), books.notes.end());
    if (!flows.types_told) add_detail(result, node.name() + " tells no rewards by type");
    for (const Note& note : notes) result.alerts.push_back({name(), note.kind, note.subject, note.detail});
    forecast(from, to, result);
    add_duties(flows, from, to, result);
    std::move(books.events.begin(), books.events.end(), std::back_inserter(result.events));
    std::move(books.roll_forwards.begin(), books.roll_forwards.end(),
              std::back_inserter(result.roll_forwards));
    keep(node, to, result);
    if (from.fork != to.fork) add_parameter(to, result);
  }

  /// By the first execution node that answers; the others must tell the same.
  SeenTips tips_of(const OwnBlock& block, SyncResult& result) {
    std::optional<SeenTips> believed;
    std::string unavailable;
    for (const auto& node : execution_) {
      try {
        SeenTips told = node->tips(block, settings_.fee_recipients);
        if (!believed) {
          believed = std::move(told);
          continue;
        }
        if (!believed->balance) believed->balance = told.balance;  // one keeps old states, the other may not
        if (!told.balance) told.balance = believed->balance;
        if (told != *believed)
          base::refuse(execution_.front()->name() + " and " + node->name(),
                       "differ in what block " + std::to_string(block.number) + " brought");
      } catch (const base::Unavailable& failure) {
        unavailable = failure.what();
      }
    }
    if (!believed) throw base::Unavailable(unavailable);
    if (!unavailable.empty()) add_detail(result, "not compared: " + unavailable);
    return *std::move(believed);
  }

  /// A reading's validators are by index. Null: it is not the fund's.
  static const OwnValidator* own(const EtherReading& reading, std::uint64_t index) {
    const auto found = std::lower_bound(
        reading.validators.begin(), reading.validators.end(), index,
        [](const OwnValidator& one, std::uint64_t wanted) { return one.validator.index < wanted; });
    return found == reading.validators.end() || found->validator.index != index ? nullptr : &*found;
  }

  /// What a new slashing will still cost.
  void forecast(const EtherReading& from, const EtherReading& to, SyncResult& result) {
    if (settings_.total_active_ether == 0) return;
    std::vector<Slashing> known;
    for (const OwnValidator& one : to.validators) {
      if (one.validator.slashed)
        known.push_back({slashed_epoch(one.validator).value_or(to.epoch()), one.validator.effective});
    }
    const Gwei total = settings_.total_active_ether * kIncrement;
    for (const OwnValidator& one : to.validators) {
      if (!one.validator.slashed) continue;
      const OwnValidator* const was = own(from, one.validator.index);
      if (was != nullptr && was->validator.slashed) continue;
      const SlashingForecast to_come =
          forecast_slashing(rules_of(to.fork), one.validator, known, total, to.epoch());
      result.alerts.push_back({name(), "slashing_forecast", std::to_string(one.validator.index),
                               "correlation penalty of " + ether_of(to_come.correlation).to_string() +
                                   " in epoch " + std::to_string(to_come.correlation_epoch) +
                                   " at least, missed duties of " + ether_of(to_come.missed).to_string() +
                                   " until epoch " + std::to_string(to_come.withdrawable_epoch)});
    }
  }

  std::vector<Position> positions(const BeaconClient& node, const EtherReading& reading) const {
    return positions_of(name(), settings_.asset, reading,
                        [&](Epoch epoch) { return node.clock().of_epoch(epoch); });
  }

  void keep(BeaconClient& node, const EtherReading& reading, SyncResult& result) {
    std::vector<model::NodeAnswer> answers = node.take_raw();
    PositionReading kept{Chain::kEthereum,        name(), reading.mark, true, raw_sha256(answers),
                         positions(node, reading)};
    result.readings.push_back(std::move(kept));
    std::move(answers.begin(), answers.end(), std::back_inserter(raw_));
    for (const OwnValidator& one : reading.validators) {
      measures::WatchedValidator watched;
      watched.place = std::to_string(one.validator.index);
      watched.slashed = one.validator.slashed;
      watched.withdrawal_credential = one.pays_to;
      watched.expected_withdrawal_credentials = settings_.withdrawal_addresses;
      raise(measures::alarms_of(watched, {}), result);
    }
  }

  void raise(const std::vector<measures::Alarm>& alarms, SyncResult& result) const {
    for (const measures::Alarm& alarm : alarms)
      result.alerts.push_back(
          {name(), std::string(measures::describe(alarm.kind)), alarm.subject, alarm.detail});
  }

  void add_duties(const EtherFlows& flows, const EtherReading& from, const EtherReading& to,
                  SyncResult& result) const {
    for (const auto& [index, duties] : measures::duties_of(flows)) {
      const OwnValidator* const validator = own(to, index);
      const Gwei effective = validator == nullptr ? 0 : validator->validator.effective;
      const auto slots = static_cast<money::Int128>(to.mark.height - from.mark.height);
      result.duties.push_back({name(), std::to_string(index), from.mark, to.mark, effective, duties,
                               money::Units(static_cast<money::Int128>(effective) * slots)});
    }
  }

  void add_parameter(const EtherReading& reading, SyncResult& result) const {
    result.parameters.push_back(
        {Chain::kEthereum, name(), "fork", std::string(describe(reading.fork)), reading.mark});
  }

  EtherSettings settings_;
  std::vector<std::unique_ptr<BeaconClient>> nodes_;
  std::vector<std::unique_ptr<ExecutionClient>> execution_;
  std::optional<EtherReading> last_;
  std::vector<model::NodeAnswer> raw_;
};

}  // namespace

std::unique_ptr<StakingSource> ether_source(EtherSettings settings,
                                            std::vector<std::shared_ptr<http::NodeCarrier>> carriers,
                                            std::vector<std::shared_ptr<http::NodeCarrier>> execution) {
  return std::make_unique<EtherSource>(std::move(settings), std::move(carriers), std::move(execution));
}

std::unique_ptr<StakingSource> ether_source(EtherSettings settings) {
  const auto carriers_of = [](const std::vector<http::NodeSettings>& nodes) {
    std::vector<std::shared_ptr<http::NodeCarrier>> carriers;
    for (const http::NodeSettings& node : nodes) carriers.push_back(http::http_carrier(node));
    return carriers;
  };
  auto beacon = carriers_of(settings.nodes);
  auto execution = carriers_of(settings.execution);
  return ether_source(std::move(settings), std::move(beacon), std::move(execution));
}

}  // namespace navkeeper::staking::ether
