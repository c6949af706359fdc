#include "services/staking/app/validator_reading.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace navkeeper::staking {
namespace {

class SetReader {
 public:
  SetReader(CosmosChain& chain, const StateMark& head, const ValidatorQuestion& question)
      : chain_(chain), question_(question), unit_(money::Decimal::of(1, question.decimals)) {
    set_.source = question.source;
    set_.asset = question.asset;
    set_.mark = head;
  }

  ValidatorSet read(const CosmosValidatorList& list, const CosmosParameters& parameters) {
    set_.bonded = list.bonded * unit_;
    if (list.annual_provisions) set_.annual_provisions = *list.annual_provisions * unit_;
    set_.community_tax = parameters.community_tax;
    begin_history();
    for (const CosmosValidatorList::Row& row : list.rows) add(row, parameters);
    std::sort(set_.slashes.begin(), set_.slashes.end(), [](const ValidatorSlash& a, const ValidatorSlash& b) {
      return std::tie(a.validator, a.period) < std::tie(b.validator, b.period);
    });
    return std::move(set_);
  }

 private:
  /// The first height of the history: of the states that the node keeps and that are not older than asked.
  void begin_history() {
    if (question_.last) {
      set_.history_from = question_.last->history_from;
      set_.history_since = question_.last->history_since;
      set_.slashes = question_.last->slashes;
      return;
    }
    const time::Instant wanted =
        set_.mark.at - time::Duration::hours(std::int64_t{24} * question_.history_days);
    std::uint64_t before = 0;
    set_.history_from = set_.mark.height;
    set_.history_since = set_.mark.at;
    while (set_.history_from - before > 1) {
      const std::uint64_t middle = before + (set_.history_from - before) / 2;
      const auto at = chain_.time_of(middle);
      if (at && *at >= wanted) {
        set_.history_from = middle;
        set_.history_since = *at;
      } else {
        before = middle;
      }
    }
  }

  void add(const CosmosValidatorList::Row& row, const CosmosParameters& parameters) {
    const CosmosValidator& told = row.validator;
    ValidatorRecord record;
    record.address = told.address;
    record.consensus_address = told.consensus_address;
    record.name = row.name;
    record.status = told.status;
    record.jailed = told.jailed;
    record.tombstoned = told.tombstoned;
    record.tokens = told.tokens * unit_;
    record.commission = told.commission_rate;
    if (row.signing_since) {
      record.signing_since = *row.signing_since;
      const std::uint64_t height = set_.mark.height;
      record.signed_window = std::min(parameters.signed_blocks_window,
                                      height > *row.signing_since ? height - *row.signing_since : 0);
      record.missed_blocks = row.missed_blocks;
    }
    const ValidatorRecord* const last = question_.last ? question_.last->find(told.address) : nullptr;
    record.slashes_to = last == nullptr ? 0 : last->slashes_to;
    if (told.status == "bonded" && !told.jailed) add_slashes(record);
    record.observed_since = observed_since(record, last);
    set_.validators.push_back(std::move(record));
  }

  void add_slashes(ValidatorRecord& record) {
    std::set<std::uint64_t> known;
    for (const ValidatorSlash& slash : set_.slashes) {
      if (slash.validator == record.address) known.insert(slash.period);
    }
    const auto take = [&](std::uint64_t after, std::uint64_t by) {
      for (const CosmosSlash& slash : chain_.slashes(record.address, by)) {
        if (known.insert(slash.period).second)
          set_.slashes.push_back({record.address, slash.period, slash.fraction, after, by});
      }
    };
    if (record.slashes_to == 0 && set_.history_from < set_.mark.height) {
      take(0, set_.history_from);
      record.slashes_to = set_.history_from;
    }
    take(record.slashes_to, set_.mark.height);
    record.slashes_to = set_.mark.height;
  }

  time::Instant observed_since(const ValidatorRecord& record, const ValidatorRecord* last) {
    if (record.signing_since <= set_.history_from || slashes_of(set_, record.address).count > 0)
      return set_.history_since;
    if (last != nullptr && last->signing_since == record.signing_since) return last->observed_since;
    return std::max(set_.history_since, chain_.time_of(record.signing_since).value_or(set_.mark.at));
  }

  CosmosChain& chain_;
  const ValidatorQuestion& question_;
  money::Decimal unit_;
  ValidatorSet set_;
};

}  // namespace

bool is_set_due(const ValidatorQuestion& question, const StateMark& head) {
  return !question.last || head.at - question.last->mark.at >= question.every;
}

ValidatorSet read_validator_set(CosmosChain& chain, const StateMark& head, const CosmosValidatorList& list,
                                const CosmosParameters& parameters, const ValidatorQuestion& question) {
  return SetReader(chain, head, question).read(list, parameters);
}

}  // namespace navkeeper::staking
