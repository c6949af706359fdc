#include "services/custody/adapters/chains/cosmos_wire.h"

#include <algorithm>
#include <set>

#include "common/base/base64.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

using json::ObjectReader;
using Field = json::Place;

constexpr std::size_t kNextKeyMax = 1024;
constexpr int kRewardDecimals = 18;
/// The unbonding_id of entries that are older than the numbering (cosmos-sdk 0.47).
constexpr std::string_view kNotNumbered = "0";

std::string read_next(ObjectReader& reader) {
  auto pagination = reader.optional_object("pagination");
  if (!pagination || !pagination->has("next_key") || pagination->is_null("next_key")) return {};
  std::string next = pagination->string("next_key");
  if (next.size() > kNextKeyMax) base::refuse(pagination->path_of("next_key"), "is longer than any key");
  return next;
}

/// A list that the node may leave out or write as null when it is empty.
std::vector<Field> read_list(ObjectReader& reader, std::string_view key) {
  if (!reader.has(key) || reader.is_null(key)) {
    reader.ignore(key);
    return {};
  }
  return reader.array(key);
}

Basecro read_coin(ObjectReader coin, const std::string& denomination) {
  if (coin.string("denom") != denomination) base::refuse(coin.path_of("denom"), "is not " + denomination);
  return read_quantity<BasecroUnit>(coin.value("amount"));
}

/// The sum of what is in `denomination`; other denominations are not CRO.
money::Decimal sum_dec_coins(const std::vector<Field>& places, const std::string& denomination) {
  money::Decimal sum;
  for (const Field& place : places) {
    ObjectReader coin(place);
    const bool ours = coin.string("denom") == denomination;
    const money::Decimal amount = coin.decimal("amount");
    if (amount.is_negative() || amount.scale() > kRewardDecimals)
      base::refuse(coin.path_of("amount"), "must have at most 18 decimals and no sign");
    if (ours) sum += amount;
  }
  return sum;
}

void check_delegator(ObjectReader& reader, const std::string& delegator) {
  if (reader.string("delegator_address") != delegator)
    base::refuse(reader.path_of("delegator_address"), "is not the one asked for");
}

}  // namespace

CosmosBlock parse_cosmos_block(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  CosmosBlock block;
  ObjectReader id = reader.object("block_id");
  const auto hash = base::from_base64(id.string("hash"));
  if (!hash || hash->size() != crypto::Digest256().size())
    base::refuse(id.path_of("hash"), "must be base64 of 32 bytes");
  block.hash = base::to_hex(*hash);
  std::transform(block.hash.begin(), block.hash.end(), block.hash.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  ObjectReader header = reader.object("block").object("header");
  block.chain_id = header.string("chain_id");
  block.height = read_whole_text(header.value("height"));
  block.at = header.instant("time");
  return block;
}

bool parse_cosmos_syncing(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  return ObjectReader(document, source).boolean("syncing");
}

CosmosPage<CosmosCoin> parse_bank_page(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  CosmosPage<CosmosCoin> page;
  for (const Field& place : read_list(reader, "balances")) {
    ObjectReader coin(place);
    const auto amount = parse_count(coin.string("amount"));
    std::string denomination = coin.string("denom");
    if (amount.has_error()) base::refuse(coin.path_of("amount"), amount.error().rule);
    page.items.push_back({std::move(denomination), *amount});
  }
  page.next = read_next(reader);
  return page;
}

CosmosPage<Delegation> parse_delegations_page(const std::string& source, std::string_view body,
                                              const std::string& delegator, const std::string& denomination) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  CosmosPage<Delegation> page;
  for (const Field& place : read_list(reader, "delegation_responses")) {
    ObjectReader row(place);
    ObjectReader delegation = row.object("delegation");
    check_delegator(delegation, delegator);
    page.items.push_back(
        {delegation.string("validator_address"), read_coin(row.object("balance"), denomination)});
  }
  page.next = read_next(reader);
  return page;
}

CosmosPage<UnbondingRow> parse_unbondings_page(const std::string& source, std::string_view body,
                                               const std::string& delegator) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  CosmosPage<UnbondingRow> page;
  for (const Field& place : read_list(reader, "unbonding_responses")) {
    ObjectReader row(place);
    check_delegator(row, delegator);
    UnbondingRow unbonding{row.string("validator_address"), {}};
    for (const Field& entry_place : row.array("entries")) {
      ObjectReader entry(entry_place);
      Unbonding one{read_quantity<BasecroUnit>(entry.value("balance")), entry.instant("completion_time")};
      one.id = entry.optional_string("unbonding_id").value_or("");
      if (one.id == kNotNumbered) one.id.clear();
      unbonding.entries.push_back(std::move(one));
    }
    page.items.push_back(std::move(unbonding));
  }
  page.next = read_next(reader);
  return page;
}

money::Decimal parse_rewards(const std::string& source, std::string_view body,
                             const std::string& denomination) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  money::Decimal sum;
  std::set<std::string> validators;
  for (const Field& place : read_list(reader, "rewards")) {
    ObjectReader row(place);
    const std::string validator = row.string("validator_address");
    if (!validators.insert(validator).second)
      base::refuse(row.path_of("validator_address"), validator + " comes twice");
    sum += sum_dec_coins(read_list(row, "reward"), denomination);
  }
  if (sum != sum_dec_coins(read_list(reader, "total"), denomination))
    base::refuse(reader.path_of("total"), "is not the sum of the rewards beside it");
  return sum;
}

CosmosPage<TierPositionRow> parse_positions_page(const std::string& source, std::string_view body,
                                                 const std::string& owner) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  CosmosPage<TierPositionRow> page;
  for (const Field& place : read_list(reader, "positions")) {
    ObjectReader row(place);
    if (row.string("owner") != owner) base::refuse(row.path_of("owner"), "is not the one asked for");
    TierPositionRow position;
    position.id = read_whole_text(row.value("id"));
    position.amount = read_quantity<BasecroUnit>(row.value("amount"));
    // A time that is not set is written as null or as the year 1.
    const bool exiting = row.has("exit_triggered_at") && !row.is_null("exit_triggered_at") &&
                         !row.string("exit_triggered_at").starts_with("0001-");
    position.state = exiting ? kTierExiting : kTierEarning;
    if (const auto delegator = row.optional_string("delegator_address"); delegator && !delegator->empty()) {
      const auto address = CosmosAddress::parse(*delegator);
      if (address.has_error()) base::refuse(row.path_of("delegator_address"), address.error().rule);
      position.delegator = *address;
    }
    page.items.push_back(std::move(position));
  }
  page.next = read_next(reader);
  return page;
}

Basecro parse_bonus(const std::string& source, std::string_view body, const std::string& denomination) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  Basecro sum;
  for (const Field& place : read_list(reader, "bonus_rewards")) {
    ObjectReader coin(place);
    const bool ours = coin.string("denom") == denomination;
    const Basecro amount = read_quantity<BasecroUnit>(coin.value("amount"));
    if (ours) sum += amount;
  }
  return sum;
}

}  // namespace navkeeper::custody
