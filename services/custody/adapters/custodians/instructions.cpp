#include "services/custody/adapters/custodians/instructions.h"

#include "common/json/value.h"
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/adapters/custodians/foreign_json.h"
#include "services/custody/adapters/custodians/prime_wire.h"
#include "services/custody/adapters/record_json.h"

namespace navkeeper::custody {
namespace {

const money::Decimal kPrimeStakeLeast = money::Decimal::of(32);
const money::Decimal kPrimeUnstakeAbove = money::Decimal::of(1);
constexpr int kPrimeStakeDecimals = 6;
/// A custodian's clock may be ahead of ours.
constexpr auto kAhead = time::Duration::minutes(5);

/// The side of a stake by the words of both custodians: Crypto.com's side, Prime's type.
std::optional<MovementKind> stake_kind(const ForeignObject& row) {
  const std::string side = row.text_or("side", "");
  const std::string word = side.empty() ? row.text_or("type", "") : side;
  if (word == "STAKE" || word == "DELEGATION" || word == "PORTFOLIO_STAKE") return MovementKind::kStake;
  if (word == "UNSTAKE" || word == "UNDELEGATION" || word == "PORTFOLIO_UNSTAKE")
    return MovementKind::kUnstake;
  return std::nullopt;
}

/// "ETH" for "ETH.staked": a conversion gives the staked coins of it.
std::string without_staked(const std::string& instrument) {
  constexpr std::string_view kEnding = ".staked";
  return instrument.ends_with(kEnding) ? instrument.substr(0, instrument.size() - kEnding.size())
                                       : instrument;
}

}  // namespace

void refuse_what_is_never_taken(CustodianProtocol protocol, const Instruction& instruction) {
  const bool converts = instruction.kind == MovementKind::kConvert;
  const bool stakes = instruction.kind == MovementKind::kStake || instruction.kind == MovementKind::kUnstake;
  if (protocol == CustodianProtocol::kCryptoCom) {
    if (!instruction.account.empty())
      base::refuse("account", "Crypto.com moves coins of the key's own account: it must be empty");
    if (stakes && instruction.asset == "BTC") base::refuse("asset", "BTC cannot be staked");
    return;
  }
  if (converts) base::refuse("kind", "Coinbase Prime converts no staked coins");
  if (instruction.account.empty()) base::refuse("account", "Coinbase Prime needs the wallet's id");
  if (!stakes) return;
  if (instruction.asset != "ETH")
    base::refuse("asset", "Coinbase Prime takes an amount to stake or unstake for ETH alone");
  if (instruction.amount.scale() > kPrimeStakeDecimals)
    base::refuse("amount", "Coinbase Prime takes at most six decimals");
  if (instruction.kind == MovementKind::kStake && instruction.amount < kPrimeStakeLeast)
    base::refuse("amount", "Coinbase Prime stakes 32 ETH or more");
  if (instruction.kind == MovementKind::kUnstake && instruction.amount <= kPrimeUnstakeAbove)
    base::refuse("amount", "Coinbase Prime unstakes more than 1 ETH");
}

std::optional<InstructionSeen> instruction_seen(const Record& record) {
  InstructionSeen seen;
  seen.id = record.key;
  seen.asset = record.asset;
  seen.status = record.status;
  seen.progress = record.progress;
  seen.created_at = record.at;
  seen.document = record.document;
  if (!record.amount) return std::nullopt;
  seen.amount = record.amount->abs();
  if (record.kind == RecordKind::kTransfer) {
    const auto transfer = transfer_of(record);
    if (!transfer || transfer->direction != Direction::kOut) return std::nullopt;
    seen.kind = MovementKind::kWithdrawal;
    seen.client_id = transfer->client_id;
    seen.address = transfer->address;
    seen.network = transfer->network;
    seen.account = transfer->account;
    seen.transaction_id = transfer->transaction_id;
    seen.is_replaced = prime::is_replaced(record.status);
    return seen;
  }
  if (record.kind != RecordKind::kStake) return std::nullopt;
  const json::Value document = base::value_or_refuse(json::parse(record.document));
  const ForeignObject row = ForeignObject(document, "").object("row");
  if (!row.text_or("convert_id", "").empty()) {
    seen.kind = MovementKind::kConvert;
    seen.asset = without_staked(record.asset);
    seen.address = row.text("to_instrument_name");
    return seen;
  }
  const auto kind = stake_kind(row);
  if (!kind) return std::nullopt;
  seen.kind = *kind;
  seen.client_id = row.text_or("idempotency_key", "");
  seen.account = row.text_or("wallet_id", "");
  seen.is_replaced = prime::is_replaced(record.status);
  return seen;
}

ConnectedInstructions::ConnectedInstructions(const CustodianSettings& settings, const time::Clock& clock,
                                             SharedPace pace)
    : settings_(settings),
      evidence_(std::make_unique<CollectedEvidence>()),
      connection_(connect_custodian(settings, *evidence_, clock, std::move(pace))),
      clock_(clock) {}

ConnectedInstructions::ConnectedInstructions(CustodianSettings settings,
                                             std::unique_ptr<CollectedEvidence> evidence,
                                             std::unique_ptr<CustodianConnection> connection,
                                             const time::Clock& clock)
    : settings_(std::move(settings)),
      evidence_(std::move(evidence)),
      connection_(std::move(connection)),
      clock_(clock) {}

void ConnectedInstructions::check(const Instruction& instruction) const {
  refuse_what_is_never_taken(settings_.protocol, instruction);
}

bool ConnectedInstructions::keeps_our_ids(MovementKind kind) const {
  return kind == MovementKind::kWithdrawal || settings_.protocol == CustodianProtocol::kCoinbasePrime;
}

Receipt ConnectedInstructions::tell(const Instruction& instruction) {
  switch (instruction.kind) {
    case MovementKind::kWithdrawal:
      return connection_->withdraw(instruction);
    case MovementKind::kStake:
      return connection_->stake(instruction);
    case MovementKind::kUnstake:
      return connection_->unstake(instruction);
    case MovementKind::kConvert:
      return connection_->convert(instruction);
  }
  base::refuse("kind", "is none");
}

InstructionHistory ConnectedInstructions::history(MovementKind kind, time::Instant from) {
  const bool stakes = kind != MovementKind::kWithdrawal;
  const WindowAnswer answer =
      connection_->history(stakes ? RecordKind::kStake : RecordKind::kTransfer, from, clock_.now() + kAhead);
  InstructionHistory history;
  history.is_keyed = keeps_our_ids(kind);
  history.as_of = answer.asked_at;
  for (const CountedRecord& counted : answer.records) {
    if (auto seen = instruction_seen(counted.record); seen && seen->kind == kind)
      history.seen.push_back(*std::move(seen));
  }
  return history;
}

CollectedEvidence ConnectedInstructions::take_evidence() { return std::exchange(*evidence_, {}); }

CustodianInstructions& instructions_of(const Settings& settings, const model::FundId& fund,
                                       const std::string& name, const time::Clock& clock,
                                       const SharedPace& pace,
                                       std::map<std::string, std::unique_ptr<ConnectedInstructions>>& made) {
  for (const CustodianSettings& custodian : settings.custodians) {
    if (custodian.fund != fund || custodian.name != name) continue;
    auto& one = made[name];  // a name is one custodian's
    if (!one) one = std::make_unique<ConnectedInstructions>(custodian, clock, pace);
    return *one;
  }
  base::refuse("custodian", name + " is not configured for " + fund.value());
}

}  // namespace navkeeper::custody
