#include "services/staking/adapters/compute_json.h"

#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/money/overflow.h"
#include "common/runtime/table.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {
namespace {

using json::ObjectReader;
using money::Decimal;

constexpr json::Limits kLimits{std::size_t{256} << 20, 8};
constexpr std::int64_t kSlotMax = std::numeric_limits<std::int64_t>::max();

Decimal read_gwei(ObjectReader& reader, std::string_view key) {
  const Decimal gwei = reader.decimal(key);
  if (gwei.is_negative()) base::refuse(reader.path_of(key), "is negative");
  if (gwei.scale() > 0) base::refuse(reader.path_of(key), "is not a whole number of gwei");
  return gwei;
}

std::uint64_t read_slot(ObjectReader& reader, std::string_view key) {
  return static_cast<std::uint64_t>(reader.integer(key, 0, kSlotMax));
}

/// A validator's number on the beacon chain: digits, one way to write each.
std::string read_index(ObjectReader& reader) {
  constexpr std::size_t kDigitsMax = 20;
  std::string index = reader.string("index");
  const bool is_number = !index.empty() && index.find_first_not_of("0123456789") == std::string::npos &&
                         index.size() <= kDigitsMax && (index.size() == 1 || index.front() != '0');
  if (!is_number) base::refuse(reader.path_of("index"), "is not the number of a validator");
  return index;
}

Flow read_flow(const json::Place& place) {
  ObjectReader reader(place);
  Flow flow;
  flow.slot = read_slot(reader, "slot");
  const std::string word = reader.string("kind");
  const auto kind = parse_flow_kind(word);
  if (!kind)
    base::refuse(reader.path_of("kind"),
                 "is not deposit, withdrawal, consolidation_in, consolidation_out or moved_to_pending");
  flow.kind = *kind;
  flow.gwei = read_gwei(reader, "amount_gwei");
  reader.finish();
  return flow;
}

ValidatorBalances read_validator(const json::Place& place) {
  ObjectReader reader(place);
  ValidatorBalances validator;
  validator.index = read_index(reader);
  validator.opening_gwei = read_gwei(reader, "opening_gwei");
  validator.closing_gwei = read_gwei(reader, "closing_gwei");
  for (const json::Place& flow : reader.array("flows")) validator.flows.push_back(read_flow(flow));
  reader.finish();
  return validator;
}

EtherAnswer compute_ether(ObjectReader& reader) {
  const std::uint64_t from_slot = read_slot(reader, "from_slot");
  const std::uint64_t to_slot = read_slot(reader, "to_slot");
  if (from_slot > to_slot) base::refuse("to_slot", "is before from_slot");
  EtherAnswer answer;
  std::unordered_set<std::string> seen;
  for (const json::Place& place : reader.array("validators")) {
    ValidatorBalances validator = read_validator(place);
    if (!seen.insert(validator.index).second)
      base::refuse(place.path + ".index", "is here a second time: " + validator.index);
    answer.incomes.push_back(validator_income(validator, from_slot, to_slot));
    answer.validators.push_back(std::move(validator));
  }
  reader.finish();
  return answer;
}

std::string read_delegator(ObjectReader& reader) {
  std::string delegator = reader.string("delegator");
  if (delegator.empty()) base::refuse(reader.path_of("delegator"), "is empty");
  return delegator;
}

/// The key that a refusal of the domain is about.
std::string_view key_of(DistributionRefusal refusal, std::string_view value_key) {
  switch (refusal) {
    case DistributionRefusal::kNoDelegation:
      return "delegator";
    case DistributionRefusal::kSharesWithoutTokens:
    case DistributionRefusal::kStakeAboveTokens:
      return "event";
    default:
      return value_key;
  }
}

void apply_event(RewardDistribution& distribution, const json::Place& place) {
  ObjectReader reader(place);
  const std::string event = reader.string("event");
  std::string_view value_key;
  Distributed<void> done;
  if (event == "allocate") {
    value_key = "rewards";
    const Decimal rewards = reader.decimal(value_key);
    reader.finish();
    done = distribution.allocate(rewards);
  } else if (event == "slash") {
    value_key = "fraction";
    const Decimal fraction = reader.decimal(value_key);
    reader.finish();
    done = distribution.slash(fraction);
  } else if (event == "delegate" || event == "undelegate") {
    value_key = "amount";
    const std::string delegator = read_delegator(reader);
    const Decimal amount = reader.decimal(value_key);
    reader.finish();
    done = event == "delegate" ? distribution.delegate(delegator, amount)
                               : distribution.undelegate(delegator, amount);
  } else if (event == "withdraw") {
    const std::string delegator = read_delegator(reader);
    reader.finish();
    done = distribution.withdraw(delegator);
  } else {
    base::refuse(reader.path_of("event"), "is not delegate, undelegate, withdraw, allocate or slash");
  }
  if (done.has_error())
    base::refuse(reader.path_of(key_of(done.error(), value_key)), std::string(describe(done.error())));
}

CosmosAnswer compute_cosmos(ObjectReader& reader) {
  ObjectReader validator = reader.object("validator");
  const Decimal rate = validator.decimal("commission_rate");
  if (!RewardDistribution::is_commission_rate(rate))
    base::refuse("validator.commission_rate", "is not between 0 and 1 with at most 18 decimals");
  validator.finish();
  RewardDistribution distribution(rate);
  for (const json::Place& place : reader.array("events")) {
    try {
      apply_event(distribution, place);
    } catch (const money::OverflowError&) {
      base::refuse(place.path, "needs more digits than are computed with: 256 bits, decimals included");
    }
  }
  reader.finish();
  const auto delegators = distribution.delegators();
  if (delegators.has_error()) base::refuse("events", std::string(describe(delegators.error())));
  return {distribution.commission(), distribution.tokens(), *delegators};
}

void write_flow(json::Writer& writer, const ValidatorBalances& validator, const Flow& flow) {
  writer.begin_object()
      .member("index", validator.index)
      .member("slot", static_cast<std::int64_t>(flow.slot))
      .member("kind", describe(flow.kind))
      .member("amount_gwei", flow.gwei)
      .end_object();
}

void write_validator(json::Writer& writer, const ValidatorBalances& validator,
                     const ValidatorIncome& income) {
  writer.begin_object()
      .member("index", validator.index)
      .member("opening_gwei", validator.opening_gwei)
      .member("closing_gwei", validator.closing_gwei)
      .member("income_gwei", income.gwei);
  writer.key("by_kind").begin_object();
  for (const FlowKind kind : kFlowKinds) {
    if (const auto& sum = income.by_kind[static_cast<std::size_t>(kind)]) writer.member(describe(kind), *sum);
  }
  writer.end_object().end_object();
}

Decimal total_income(const EtherAnswer& answer) {
  Decimal total;
  for (const ValidatorIncome& income : answer.incomes) total += income.gwei;
  return total;
}

std::string ether_json(const EtherAnswer& answer) {
  json::Writer writer;
  writer.begin_object().key("validators").begin_array();
  for (std::size_t i = 0; i < answer.validators.size(); ++i)
    write_validator(writer, answer.validators[i], answer.incomes[i]);
  writer.end_array().member("total_income_gwei", total_income(answer)).key("outside").begin_array();
  for (std::size_t i = 0; i < answer.validators.size(); ++i) {
    for (const Flow& flow : answer.incomes[i].outside) write_flow(writer, answer.validators[i], flow);
  }
  writer.end_array().end_object();
  return writer.take();
}

std::string cosmos_json(const CosmosAnswer& answer) {
  json::Writer writer;
  writer.begin_object().key("commission").decimal(answer.commission, sdk::kDecimals);
  writer.member("validator_tokens", answer.tokens).key("delegators").begin_array();
  for (const auto& line : answer.delegators) {
    writer.begin_object().member("delegator", line.delegator).member("stake", line.stake);
    writer.key("unclaimed").decimal(line.unclaimed, sdk::kDecimals);
    writer.member("paid", line.paid).member("dust", line.dust).end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

using runtime::Align;

std::string ether_table(const EtherAnswer& answer) {
  runtime::Table table({{"validator"},
                        {"opening gwei", Align::kRight},
                        {"closing gwei", Align::kRight},
                        {"income gwei", Align::kRight},
                        {"flows outside", Align::kRight}});
  for (std::size_t i = 0; i < answer.validators.size(); ++i) {
    const ValidatorBalances& validator = answer.validators[i];
    table.row({validator.index, validator.opening_gwei.to_string(), validator.closing_gwei.to_string(),
               answer.incomes[i].gwei.to_string(), std::to_string(answer.incomes[i].outside.size())});
  }
  return table.to_string() + "total income: " + total_income(answer).to_string() + " gwei\n";
}

std::string cosmos_table(const CosmosAnswer& answer) {
  runtime::Table table({{"delegator"},
                        {"stake", Align::kRight},
                        {"unclaimed", Align::kRight},
                        {"paid", Align::kRight},
                        {"dust", Align::kRight}});
  for (const auto& line : answer.delegators)
    table.row({line.delegator, line.stake.to_string(), line.unclaimed.to_fixed(sdk::kDecimals),
               line.paid.to_string(), line.dust.to_string()});
  return "validator: " + answer.tokens.to_string() + " tokens, commission " +
         answer.commission.to_fixed(sdk::kDecimals) + "\n" + table.to_string();
}

}  // namespace

ComputeAnswer compute(std::string_view text) {
  const json::Value document = base::value_or_refuse(json::parse(text, kLimits));
  ObjectReader reader(document);
  const std::string chain = reader.string("chain");
  if (chain == "ethereum") return compute_ether(reader);
  if (chain == "cosmos") return compute_cosmos(reader);
  base::refuse("chain", "is not ethereum or cosmos");
}

std::string to_json(const ComputeAnswer& answer) {
  if (const auto* ether = std::get_if<EtherAnswer>(&answer)) return ether_json(*ether);
  return cosmos_json(std::get<CosmosAnswer>(answer));
}

std::string to_table(const ComputeAnswer& answer) {
  if (const auto* ether = std::get_if<EtherAnswer>(&answer)) return ether_table(*ether);
  return cosmos_table(std::get<CosmosAnswer>(answer));
}

}  // namespace navkeeper::staking
