#include "services/staking/adapters/cosmos/block_facts.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "services/staking/adapters/cosmos/wire_fields.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

/// "100" in old versions, "100basecro" in new ones.
Decimal amount_of(const std::string& where, const std::string& text, const std::string& denomination) {
  if (text.find_first_not_of("0123456789") != std::string::npos) return coins_of(where, text, denomination);
  const auto amount = Decimal::parse(text);
  if (amount.has_error()) base::refuse(where, "is no amount: " + text.substr(0, 64));
  return *amount;
}

class Facts {
 public:
  Facts(const BlockResults& block, const FactsQuestion& question)
      : block_(block),
        question_(question),
        where_("block " + std::to_string(block.height)),
        distribution_(module_address(question.prefix, "distribution")),
        fees_(module_address(question.prefix, "fee_collector")) {}

  BlockFacts run() {
    for (const auto& [validator, allocation] : allocations_of(block_, question_.denomination))
      facts_.allocated[validator] = allocation.rewards - allocation.commission;
    slashes(block_.begin);
    group(block_.begin, false);
    for (const BlockTransaction& transaction : block_.transactions) {
      fee(transaction.ante);
      if (transaction.contradicts_itself)
        facts_.doubts.push_back(where_ + ": a transaction's log and its events tell of other transfers");
      for (const auto& message : transaction.messages) group(message, acts_for_us(message));
    }
    slashes(block_.end);
    group(block_.end, false);
    unbonded(block_.end);
    return std::move(facts_);
  }

 private:
  bool is_ours(const ChainEvent& event, bool acts) const {
    const std::string& delegator = event["delegator"];
    return delegator.empty() ? acts : delegator == question_.delegator;
  }

  /// Old versions do not name the delegator in each event: who sent the message is.
  bool acts_for_us(const std::vector<ChainEvent>& events) const {
    return std::any_of(events.begin(), events.end(), [&](const ChainEvent& event) {
      // A log merges a message's events into one, which then names several senders.
      return event.type == "message" &&
             std::any_of(event.attributes.begin(), event.attributes.end(), [&](const auto& attribute) {
               return attribute.first == "sender" && attribute.second == question_.delegator;
             });
    });
  }

  void add(CosmosFact fact) { facts_.facts.push_back(std::move(fact)); }

  Decimal amount(const ChainEvent& event) const {
    return amount_of(where_ + ": " + event.type + ".amount", event["amount"], question_.denomination);
  }

  void group(const std::vector<ChainEvent>& events, bool acts) {
    const bool named = claims_by_name(events, acts);
    std::vector<const ChainEvent*> unnamed;  // transfers out of the distribution that no event explains
    const bool commission = std::any_of(events.begin(), events.end(), [](const ChainEvent& event) {
      return event.type == "withdraw_commission";
    });
    std::vector<std::string> changed;  // validators whose delegation changes, in the order of their claims
    for (const ChainEvent& event : events) {
      if (event.type == "transfer")
        transfer(event, named, commission, unnamed);
      else if (is_ours(event, acts))
        act(event, changed);
    }
    claims_by_transfer(unnamed, changed);
  }

  void act(const ChainEvent& event, std::vector<std::string>& changed) {
    const std::string& validator = event["validator"];
    if (event.type == "delegate") {
      add({CosmosAct::kDelegate, validator, {}, amount(event)});
      changed.push_back(validator);
    } else if (event.type == "unbond") {
      add({CosmosAct::kUndelegate, validator, {}, amount(event)});
      changed.push_back(validator);
    } else if (event.type == "redelegate") {
      add({CosmosAct::kRedelegate, event["source_validator"], event["destination_validator"], amount(event)});
      changed.push_back(event["source_validator"]);
      changed.push_back(event["destination_validator"]);
    } else if (event.type == "cancel_unbonding_delegation") {
      add({CosmosAct::kCancelUnbonding, validator, {}, amount(event)});
      changed.push_back(validator);
    }
  }

  /// Newer versions tell of every claim, asked for or not, with its validator.
  bool claims_by_name(const std::vector<ChainEvent>& events, bool acts) {
    bool any = false;
    for (const ChainEvent& event : events) {
      if (event.type != "withdraw_rewards" || !is_ours(event, acts)) continue;
      any = true;
      std::string paid_to = question_.delegator;
      const Decimal paid =
          coins_of(where_ + ": withdraw_rewards.amount", event["amount"], question_.denomination);
      for (const ChainEvent& transfer : events) {
        if (transfer.type == "transfer" && transfer["sender"] == distribution_ && !event["amount"].empty() &&
            transfer["amount"] == event["amount"])
          paid_to = transfer["recipient"];
      }
      add({CosmosAct::kClaim, event["validator"], {}, paid, paid_to});
    }
    return any;
  }

  /// Older ones show a claim that nobody asked for only as a transfer: the first one is of the first
  /// validator whose delegation changes.
  void claims_by_transfer(const std::vector<const ChainEvent*>& unnamed,
                          const std::vector<std::string>& changed) {
    for (std::size_t i = 0; i < unnamed.size(); ++i) {
      const ChainEvent& event = *unnamed[i];
      if (changed.empty()) {
        add({CosmosAct::kTransferIn, {}, {}, amount(event), "distribution"});
        continue;
      }
      add({CosmosAct::kClaim,
           changed[std::min(i, changed.size() - 1)],
           {},
           amount(event),
           event["recipient"]});
    }
  }

  void transfer(const ChainEvent& event, bool named, bool commission,
                std::vector<const ChainEvent*>& unnamed) {
    const bool in = event["recipient"] == question_.delegator;
    const bool out = event["sender"] == question_.delegator;
    if (in == out) return;
    const Decimal moved = amount(event);
    if (in && event["sender"] == distribution_) {
      if (commission)
        add({CosmosAct::kTransferIn, {}, {}, moved, "distribution: commission"});
      else if (!named)
        unnamed.push_back(&event);
      else if (!is_claimed(moved))
        add({CosmosAct::kTransferIn, {}, {}, moved, "distribution"});
      return;
    }
    add({in ? CosmosAct::kTransferIn : CosmosAct::kTransferOut,
         {},
         {},
         moved,
         in ? event["sender"] : event["recipient"]});
  }

  bool is_claimed(const Decimal& moved) const {
    return std::any_of(facts_.facts.begin(), facts_.facts.end(), [&](const CosmosFact& fact) {
      return fact.act == CosmosAct::kClaim && fact.amount == moved &&
             fact.counterparty == question_.delegator;
    });
  }

  void fee(const std::vector<ChainEvent>& events) {
    for (const ChainEvent& event : events) {
      if (event.type != "transfer" || event["sender"] != question_.delegator) continue;
      add({event["recipient"] == fees_ ? CosmosAct::kFee : CosmosAct::kTransferOut,
           {},
           {},
           amount(event),
           event["recipient"]});
    }
  }

  void slashes(const std::vector<ChainEvent>& events) {
    for (const ChainEvent& event : events) {
      if (event.type != "slash") continue;
      const auto jailed = question_.consensus_addresses.find(event["jailed"]);
      if (jailed != question_.consensus_addresses.end()) facts_.jailed.push_back(jailed->second);
      const auto slashed = question_.consensus_addresses.find(event["address"]);
      if (slashed != question_.consensus_addresses.end())
        add({CosmosAct::kSlash, slashed->second, {}, {}, {}, event["reason"]});
    }
  }

  void unbonded(const std::vector<ChainEvent>& events) {
    for (const ChainEvent& event : events) {
      if (event.type == "complete_unbonding" && event["delegator"] == question_.delegator)
        add({CosmosAct::kUnbonded, event["validator"], {}, amount(event)});
    }
  }

  const BlockResults& block_;
  const FactsQuestion& question_;
  std::string where_;
  std::string distribution_;
  std::string fees_;
  BlockFacts facts_;
};

}  // namespace

BlockFacts facts_of(const BlockResults& block, const FactsQuestion& question) {
  return Facts(block, question).run();
}

std::map<std::string, Allocation> allocations_of(const BlockResults& block, const std::string& denomination) {
  std::map<std::string, Allocation> all;
  const std::string where = "block " + std::to_string(block.height);
  for (const auto* events : {&block.begin, &block.end}) {
    for (const ChainEvent& event : *events) {
      if (event.type != "rewards" && event.type != "commission") continue;
      const Decimal amount = coins_of(where + ": " + event.type + ".amount", event["amount"], denomination);
      Allocation& allocation = all[event["validator"]];
      (event.type == "rewards" ? allocation.rewards : allocation.commission) += amount;
    }
  }
  return all;
}

}  // namespace navkeeper::staking
