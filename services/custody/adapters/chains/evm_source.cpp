#include "services/custody/adapters/chains/evm_source.h"

#include <algorithm>
#include <set>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/chains/beacon_wire.h"
#include "services/custody/adapters/chains/execution_reader.h"
#include "services/custody/adapters/chains/readings.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

/// One POST may ask for so many validators (beacon-APIs asks for no bound there; nodes have their own).
constexpr std::size_t kValidatorsMax = 1'000;

EthereumAddress parsed_address(const std::string& text) {
  const auto address = EthereumAddress::parse(text);
  if (address.has_error()) throw base::Refused(address.error().within("address"));
  return *address;
}

ReadingPart ether_part(std::string kind, std::string id, std::string state, Gwei amount) {
  return {std::move(kind), std::move(id), std::move(state), model::AssetId::literal("ETH"), amount.coins()};
}

/// Questions to one beacon node about one state.
class BeaconReader {
 public:
  BeaconReader(std::string name, std::shared_ptr<http::NodeCarrier> carrier, BeaconRules rules)
      : node_(std::move(name), std::move(carrier)), rules_(std::move(rules)) {}

  void head(ChainHead& head) {
    const BeaconGenesis genesis = parse_genesis(name(), node_.get("/eth/v1/beacon/genesis"));
    const std::string root = hash_text(genesis.validators_root);
    if (root != rules_.genesis_validators_root)
      base::refuse(name(), "is a node of another network: its genesis root is " + root);
    const BeaconSpec spec = parse_spec(name(), node_.get("/eth/v1/config/spec"));
    clock_ = EpochClock{genesis.time, spec.seconds_per_slot, spec.slots_per_epoch};
    const BeaconSyncing syncing = parse_beacon_syncing(name(), node_.get("/eth/v1/node/syncing"));
    const auto doubt = [&](bool on, std::string_view what) {
      if (on) head.doubts.push_back(name() + " " + std::string(what));
    };
    doubt(syncing.syncing, "is still syncing");
    doubt(syncing.optimistic, "follows its head without having executed it (optimistic)");
    doubt(syncing.execution_offline, "has lost its execution client");
    const FinalityCheckpoint finality =
        parse_finality(name(), node_.get("/eth/v1/beacon/states/head/finality_checkpoints"));
    doubt(finality.epoch == 0, "knows no finalized epoch");
    // Two epochs when all is well; the third is the one under way.
    constexpr std::uint64_t kEpochsBehindMax = 4;
    const std::uint64_t head_epoch = syncing.head_slot / static_cast<std::uint64_t>(spec.slots_per_epoch);
    doubt(head_epoch > finality.epoch + kEpochsBehindMax, "sees a chain that does not finalize");
    node_.take_raw();
  }

  void read(ChainReading& reading, const EthereumAddress& address, const ExecutionBlock& block) {
    if (!clock_) throw base::Unavailable(name() + ": was not asked for its genesis");
    node_.take_raw();
    const auto slot = clock_->slot_at(*reading.block_time);
    if (!slot) base::refuse(name(), "the execution block's time is that of no slot");
    const BeaconPayload payload =
        parse_blinded_block(name(), node_.get("/eth/v1/beacon/blinded_blocks/" + std::to_string(*slot)));
    if (payload.slot != *slot || payload.block_number != block.header.number ||
        payload.block_hash != block.hash)
      base::refuse(name(), "its block of slot " + std::to_string(*slot) + " carries execution block " +
                               std::to_string(payload.block_number) + " " + hash_text(payload.block_hash) +
                               ": it follows another chain than the execution client");
    note(reading, payload.standing);
    const std::string state = "/eth/v1/beacon/states/" + std::to_string(*slot);
    std::vector<Validator> validators = ask_validators(reading, state, rules_.validators);
    const std::vector<PendingDeposit> deposits = own_deposits(reading, state, address, validators);
    note_unknown(reading, validators, deposits);
    std::erase_if(validators,
                  [&](const Validator& validator) { return !is_paid_to(reading, validator, address); });
    const auto partials = own_partials(reading, state, validators);
    const auto sum = sum_validators(validators, deposits, partials, *clock_);
    if (sum.has_error()) throw base::Refused(sum.error().within(name()));
    list_parts(reading, validators, deposits, partials);
    add_staked(reading, *sum);
  }

 private:
  const std::string& name() const { return node_.name(); }

  void note(ChainReading& reading, const StateStanding& standing) {
    const auto once = [&](std::string doubt) {
      if (std::find(reading.doubts.begin(), reading.doubts.end(), doubt) == reading.doubts.end())
        reading.doubts.push_back(std::move(doubt));
    };
    if (standing.optimistic) once(name() + " has not executed this block itself (execution_optimistic)");
    if (!standing.finalized) once(name() + " does not call this state final");
  }

  std::vector<Validator> ask_validators(ChainReading& reading, const std::string& state,
                                        const std::vector<std::string>& ids) {
    std::vector<Validator> all;
    std::set<std::uint64_t> seen;
    for (std::size_t begin = 0; begin < ids.size(); begin += kValidatorsMax) {
      const std::size_t end = std::min(ids.size(), begin + kValidatorsMax);
      const std::vector<std::string> some(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                          ids.begin() + static_cast<std::ptrdiff_t>(end));
      const http::Response response = node_.send(
          {.method = http::Method::kPost, .path = state + "/validators", .body = validators_request(some)});
      if (response.status != 200)
        throw base::Unavailable(name() + ": " + state + "/validators was answered with status " +
                                std::to_string(response.status));
      const ValidatorsAnswer answer = parse_validators(name() + ": validators", response.body, some);
      note(reading, answer.standing);
      for (const Validator& validator : answer.validators) {
        // One may be asked for by its index and by its key.
        if (seen.insert(validator.index).second) all.push_back(validator);
      }
    }
    return all;
  }

  /// Deposits that will lie at a validator paying to the address. A key that is known already keeps its own
  /// credentials, whatever a later deposit says.
  std::vector<PendingDeposit> own_deposits(ChainReading& reading, const std::string& state,
                                           const EthereumAddress& address,
                                           const std::vector<Validator>& known) {
    const DepositsAnswer answer =
        parse_pending_deposits(name() + ": pending_deposits", node_.get(state + "/pending_deposits"));
    note(reading, answer.standing);
    std::vector<PendingDeposit> candidates;
    std::set<std::string> unknown_keys;
    const auto holder = [&](const std::string& pubkey) {
      return std::find_if(known.begin(), known.end(),
                          [&](const Validator& validator) { return validator.pubkey == pubkey; });
    };
    for (const PendingDeposit& deposit : answer.deposits) {
      if (const auto found = holder(deposit.pubkey); found != known.end()) {
        if (payout_address(found->credentials) == address) candidates.push_back(deposit);
      } else if (payout_address(deposit.credentials) == address) {
        candidates.push_back(deposit);
        unknown_keys.insert(deposit.pubkey);
      }
    }
    for (const Validator& validator :
         ask_validators(reading, state, {unknown_keys.begin(), unknown_keys.end()})) {
      const bool configured_wrong = payout_address(validator.credentials) == address;
      reading.doubts.push_back(configured_wrong
                                   ? "validator " + std::to_string(validator.index) +
                                         " pays to this address and is not configured"
                                   : "a pending deposit goes to validator " +
                                         std::to_string(validator.index) + ", which pays to another address");
      if (!configured_wrong)
        std::erase_if(candidates, [&](const PendingDeposit& d) { return d.pubkey == validator.pubkey; });
    }
    return candidates;
  }

  void note_unknown(ChainReading& reading, const std::vector<Validator>& found,
                    const std::vector<PendingDeposit>& deposits) {
    for (const std::string& id : rules_.validators) {
      const bool known = std::any_of(found.begin(), found.end(), [&](const Validator& validator) {
        return validator.pubkey == id || std::to_string(validator.index) == id;
      });
      const bool waits = std::any_of(deposits.begin(), deposits.end(),
                                     [&](const PendingDeposit& deposit) { return deposit.pubkey == id; });
      if (!known && !waits)
        reading.doubts.push_back("validator " + id + " is configured, and the beacon chain does not know it");
    }
  }

  bool is_paid_to(ChainReading& reading, const Validator& validator, const EthereumAddress& address) {
    const auto payout = payout_address(validator.credentials);
    if (!payout)
      reading.doubts.push_back("validator " + std::to_string(validator.index) +
                               " has withdrawal credentials without an address: whose it is cannot be seen");
    return payout == address;
  }

  std::vector<PendingPartialWithdrawal> own_partials(ChainReading& reading, const std::string& state,
                                                     const std::vector<Validator>& validators) {
    PartialsAnswer answer = parse_pending_partials(name() + ": pending_partial_withdrawals",
                                                   node_.get(state + "/pending_partial_withdrawals"));
    note(reading, answer.standing);
    std::erase_if(answer.withdrawals, [&](const PendingPartialWithdrawal& partial) {
      return std::none_of(validators.begin(), validators.end(), [&](const Validator& validator) {
        return validator.index == partial.validator_index;
      });
    });
    return answer.withdrawals;
  }

  static void list_parts(ChainReading& reading, const std::vector<Validator>& validators,
                         const std::vector<PendingDeposit>& deposits,
                         const std::vector<PendingPartialWithdrawal>& partials) {
    for (const Validator& validator : validators)
      reading.parts.push_back(ether_part("validator", std::to_string(validator.index),
                                         std::string(describe(validator.status)), validator.balance));
    for (const PendingDeposit& deposit : deposits) {
      reading.parts.push_back(ether_part("pending_deposit", deposit.pubkey, "pending", deposit.amount));
      reading.parts.back().remark =
          "its signature is not checked here; a first deposit with a wrong one is lost";
    }
    for (const PendingPartialWithdrawal& partial : partials) {
      reading.parts.push_back(ether_part("pending_partial_withdrawal",
                                         std::to_string(partial.validator_index), "pending", partial.amount));
      reading.parts.back().in_total = false;
      reading.parts.back().remark = "part of its validator's balance until it is paid";
    }
  }

  void add_staked(ChainReading& reading, const StakedEther& staked) {
    for (model::NodeAnswer& answer : node_.take_raw()) reading.raw.push_back(std::move(answer));
    Balance row = reading.balances.front();
    row.total = *row.total + staked.all().coins();
    row.staked = staked.staked.coins();
    row.activating = staked.activating.coins();
    row.unbonding = staked.unbonding.coins();
    row.unbonding_entries = staked.unbonding_entries;
    reading.balances.erase(reading.balances.begin());
    row.raw_sha256 = raw_sha256(reading.raw);
    add_balance(reading, std::move(row));
    std::rotate(reading.balances.begin(), reading.balances.end() - 1, reading.balances.end());
    // What lies at validators is the beacon node's word; the execution balance alone is proven.
    reading.shown = Shown::kHeader;
  }

  http::Node node_;
  BeaconRules rules_;
  std::optional<EpochClock> clock_;
};

class EvmSource final : public ChainSource {
 public:
  EvmSource(ExecutionReader execution, std::optional<BeaconReader> beacon)
      : execution_(std::move(execution)), beacon_(std::move(beacon)) {}

  const std::string& name() const override { return execution_.name(); }

  ChainHead head() override {
    ChainHead head = execution_.head();
    if (beacon_) beacon_->head(head);
    return head;
  }

  ChainReading read(const std::string& address_text, std::uint64_t height) override {
    const EthereumAddress address = parsed_address(address_text);
    ChainReading reading;
    reading.source = name();
    reading.chain = execution_.rules().chain;
    reading.address = address.to_string();
    const ExecutionBlock block = execution_.read(reading, address, height);
    reading.parts.push_back({"account", address.to_string(), "", reading.balances.front().asset,
                             *reading.balances.front().total});
    if (beacon_) beacon_->read(reading, address, block);
    return reading;
  }

  time::Instant time_of(std::uint64_t height) override { return execution_.time_of(height); }

  std::optional<ChainWalk> walk(const std::vector<std::string>& addresses,
                                const ChainWalkTerms& terms) override {
    return execution_.walk(addresses, terms);
  }

 private:
  ExecutionReader execution_;
  std::optional<BeaconReader> beacon_;
};

}  // namespace

EvmRules ethereum_rules() { return {}; }
EvmRules cronos_evm_rules() { return {.chain = Chain::kCronosEvm, .chain_id = 25, .proofs = false}; }

std::unique_ptr<ChainSource> evm_source(const std::string& name, std::shared_ptr<http::NodeCarrier> carrier,
                                        EvmRules rules) {
  return std::make_unique<EvmSource>(ExecutionReader(name, std::move(carrier), std::move(rules)),
                                     std::nullopt);
}

std::unique_ptr<ChainSource> ethereum_source(const std::string& name,
                                             std::shared_ptr<http::NodeCarrier> execution, EvmRules rules,
                                             const std::string& beacon_name,
                                             std::shared_ptr<http::NodeCarrier> beacon,
                                             BeaconRules beacon_rules) {
  return std::make_unique<EvmSource>(ExecutionReader(name, std::move(execution), std::move(rules)),
                                     BeaconReader(beacon_name, std::move(beacon), std::move(beacon_rules)));
}

}  // namespace navkeeper::custody
