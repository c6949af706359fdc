#include "services/staking/app/plan_candidates.h"

#include <algorithm>
#include <map>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr std::int64_t kDayNs = std::int64_t{86'400} * 1'000'000'000;

/// A position's own place, or "delegator/validator" of that validator.
bool lies_at(const Position& position, const std::string& validator) {
  return position.key.place == validator || position.key.place.ends_with("/" + validator);
}

class Candidates {
 public:
  Candidates(const LiquidityInputs& inputs, const std::optional<ValidatorSet>& set,
             const CandidateQuestion& question)
      : inputs_(inputs),
        set_(set),
        question_(question),
        outlook_(outlook_of(inputs.queues, inputs.terms, inputs.now)),
        chain_rate_(set ? gross_rate(*set) : std::nullopt) {}

  std::vector<SaidCandidate> all() const {
    std::vector<SaidCandidate> found;
    if (question_.validators_named) {
      for (std::size_t i = 0; i < question_.validators.size(); ++i) {
        const AskedValidator& asked = question_.validators[i];
        found.push_back(
            one(asked, set_ ? set_->find(asked.place) : nullptr, "validators[" + std::to_string(i) + "]"));
      }
    } else if (set_) {
      for (const ValidatorRecord& record : set_->validators) {
        AskedValidator asked;
        asked.place = record.address;
        found.push_back(one(asked, &record, "validator " + record.address));
      }
    }
    return found;
  }

 private:
  SaidCandidate one(const AskedValidator& asked, const ValidatorRecord* read,
                    const std::string& where) const {
    SaidCandidate made;
    made.is_read = read != nullptr;
    plan::Candidate& candidate = made.candidate;
    candidate.place = asked.place;
    /// What the request says, else what was read, else what holds where nobody says anything.
    const auto take = [&](auto& into, const auto& said, auto&& of_read, const char* field) {
      if (said) {
        into = *said;
        made.said.emplace_back(field);
      } else if (read != nullptr) {
        into = of_read();
      }
    };
    const auto must = [&](const auto& said, const char* field) {
      if (!said && read == nullptr)
        base::refuse(where + "." + field, "must be said: no source read a validator " + asked.place);
    };
    must(asked.tokens, "tokens");
    must(asked.commission, "commission");
    take(
        candidate.owner, asked.owner, [&] { return read->name; }, "owner");
    take(
        candidate.tokens, asked.tokens, [&] { return read->tokens; }, "tokens");
    take(
        candidate.commission, asked.commission, [&] { return read->commission; }, "commission");
    // Of one that the chain keeps no signing info of, nothing is known to be signed.
    take(
        candidate.uptime, asked.uptime, [&] { return uptime(*read).value_or(Decimal{}); }, "uptime");
    const SlashRecord record = read == nullptr ? SlashRecord{} : slashes_of(*set_, asked.place);
    take(
        candidate.slashes, asked.slashes, [&] { return record.count; }, "slashes");
    take(
        candidate.slash_fraction, asked.slash_fraction, [&] { return record.mean_fraction; },
        "slash_fraction");
    // A slash within the first day counts over a day.
    take(
        candidate.observed_days, asked.observed_days,
        [&] { return std::max(observed_days(*set_, *read), record.count > 0 ? 1 : 0); }, "observed_days");
    take(
        candidate.jailed, asked.jailed, [&] { return read->jailed; }, "jailed");
    take(
        candidate.tombstoned, asked.tombstoned, [&] { return read->tombstoned; }, "tombstoned");
    if (read != nullptr) candidate.tokens_max = read->tokens_max;
    candidate.bonded = read == nullptr || read->status == "bonded";
    candidate.gross_rate = rate(asked, made, where);
    candidate.current = staked_at(inputs_, question_.asset, asked.place);
    add_entries(candidate);
    return made;
  }

  Decimal rate(const AskedValidator& asked, SaidCandidate& made, const std::string& where) const {
    const auto& said = asked.gross_rate ? asked.gross_rate : question_.gross_rate;
    if (said) {
      made.said.emplace_back("gross_rate");
      return *said;
    }
    if (!made.is_read || !chain_rate_)
      base::refuse(where + ".gross_rate", made.is_read
                                              ? "must be said: the chain does not say what it mints in a year"
                                              : "must be said: no source read a validator " + asked.place);
    return *chain_rate_;
  }

  /// Of the fund's delegators the one with the fewest entries left.
  void add_entries(plan::Candidate& candidate) const {
    if (!outlook_.cronos || outlook_.cronos->entries_max == 0) return;
    candidate.entries_left = outlook_.cronos->entries_max;
    for (const Position& position : inputs_.positions) {
      if (position.key.chain != Chain::kCronosPos || position.key.asset != question_.asset ||
          !lies_at(position, candidate.place))
        continue;
      const auto room = queues::entry_room(inputs_.positions, position.key, *outlook_.cronos, inputs_.now);
      if (!room.left || *room.left >= *candidate.entries_left) continue;
      candidate.entries_left = room.left;
      if (room.frees_at && *room.frees_at > inputs_.now)
        candidate.entry_wait_days =
            static_cast<int>(((*room.frees_at - inputs_.now).ns() + kDayNs - 1) / kDayNs);
    }
  }

  const LiquidityInputs& inputs_;
  const std::optional<ValidatorSet>& set_;
  const CandidateQuestion& question_;
  queues::Outlook outlook_;
  std::optional<Decimal> chain_rate_;
};

void narrow(ValidatorSet& set, const std::vector<AskedValidator>& to,
            const std::vector<Position>& positions) {
  const auto is_named = [&](const std::string& address) {
    return std::any_of(to.begin(), to.end(),
                       [&](const AskedValidator& asked) { return asked.place == address; }) ||
           std::any_of(positions.begin(), positions.end(), [&](const Position& one) {
             return one.key.asset == set.asset && earns_or_will(one.state) && lies_at(one, address);
           });
  };
  std::erase_if(set.validators, [&](const ValidatorRecord& one) { return !is_named(one.address); });
  std::erase_if(set.slashes, [&](const ValidatorSlash& one) { return !is_named(one.validator); });
}

}  // namespace

std::optional<ValidatorSet> resolve_validators(StakingStore& store, const model::FundId& fund,
                                               const CandidateQuestion& question, const FundTerms& terms,
                                               time::Instant now, const std::vector<Position>& positions) {
  if (question.validators_named && question.validators.empty()) return std::nullopt;
  StakingQuery query;
  query.as_of = now;
  query.source = question.source;
  std::vector<ValidatorSet> sets = store.validator_sets(fund, query);
  std::erase_if(sets, [&](const ValidatorSet& set) { return set.asset != question.asset; });
  const bool all_said = question.validators_named &&
                        std::all_of(question.validators.begin(), question.validators.end(),
                                    [](const AskedValidator& asked) { return asked.is_complete(); });
  if (sets.empty()) {
    if (all_said) return std::nullopt;
    base::refuse("validators", "must be said with tokens, gross_rate and commission: " +
                                   (question.source.empty() ? "no source" : "source " + question.source) +
                                   " read the validators of " + question.asset.value());
  }
  if (sets.size() > 1)
    base::refuse("source", "must be said: " + sets[0].source + " and " + sets[1].source +
                               " both read validators of " + question.asset.value());
  ValidatorSet set = std::move(sets.front());
  if (now - set.mark.at > terms.reading_age_max) {
    if (all_said) return std::nullopt;
    base::refuse("source " + set.source, "its newest validators, of " + set.mark.at.to_string() +
                                             ", are stale: run staking sync (reading_age_hours_max)");
  }
  if (question.validators_named) narrow(set, question.validators, positions);
  return set;
}

std::vector<SaidCandidate> candidates_of(const LiquidityInputs& inputs,
                                         const std::optional<ValidatorSet>& set,
                                         const CandidateQuestion& question) {
  return Candidates(inputs, set, question).all();
}

bool earns_or_will(PositionState state) {
  return state == PositionState::kInFlight || state == PositionState::kPending ||
         state == PositionState::kQueued || state == PositionState::kActive;
}

Decimal staked_at(const LiquidityInputs& inputs, const model::AssetId& asset, const std::string& validator) {
  Decimal sum;
  for (const Position& position : inputs.positions) {
    if (position.key.asset == asset && earns_or_will(position.state) && lies_at(position, validator))
      sum += position.amount;
  }
  return sum;
}

Decimal staked_natively(const LiquidityInputs& inputs, const model::AssetId& asset) {
  Decimal sum;
  for (const Position& position : inputs.positions) {
    if (position.key.asset == asset && earns_or_will(position.state) && position.key.chain != Chain::kLiquid)
      sum += position.amount;
  }
  return sum;
}

}  // namespace navkeeper::staking
