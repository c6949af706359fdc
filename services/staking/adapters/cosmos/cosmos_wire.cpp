#include "services/staking/adapters/cosmos/cosmos_wire.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/crypto/hash.h"
#include "services/staking/adapters/cosmos/wire_fields.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {
namespace {

using json::ObjectReader;
using json::Place;
using money::Decimal;

constexpr std::size_t kNextKeyMax = 1024;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kAddressBytes = 20;
constexpr std::size_t kMonikerBytesMax = 1024;  // the SDK's own limit is 70 characters
constexpr unsigned char kDelete = 0x7f;

std::string read_next(ObjectReader& reader) {
  auto pagination = reader.optional_object("pagination");
  if (!pagination || !pagination->has("next_key") || pagination->is_null("next_key")) return {};
  std::string next = pagination->string("next_key");
  if (next.size() > kNextKeyMax) base::refuse(pagination->path_of("next_key"), "is longer than any key");
  return next;
}

Decimal read_coin(ObjectReader coin, const std::string& denomination) {
  if (coin.string("denom") != denomination) base::refuse(coin.path_of("denom"), "is not " + denomination);
  return read_units(coin.value("amount"));
}

/// What is in `denomination` of a list of coins with decimals.
Decimal sum_coins(const std::vector<Place>& places, const std::string& denomination) {
  Decimal sum;
  for (const Place& place : places) {
    ObjectReader coin(place);
    const bool is_ours = coin.string("denom") == denomination;
    const Decimal amount = read_sdk_decimal(coin.value("amount"));
    if (is_ours) sum += amount;
  }
  return sum;
}

void check_delegator(ObjectReader& reader, const std::string& delegator) {
  if (reader.string("delegator_address") != delegator)
    base::refuse(reader.path_of("delegator_address"), "is not the one asked for");
}

/// A time that is not set is null or of the year 1.
std::optional<time::Instant> read_optional_time(ObjectReader& reader, std::string_view key) {
  if (!reader.has(key) || reader.is_null(key)) return std::nullopt;
  if (reader.string(key).starts_with("0001-")) return std::nullopt;
  return reader.instant(key);
}

/// One page of a list: `row` adds what an element of it says.
template <class Item, class Row>
CosmosPage<Item> read_page(const std::string& source, std::string_view body, const char* list, Row&& row) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader reader(document, source);
  CosmosPage<Item> page;
  for (const Place& place : read_list(reader, list)) row(ObjectReader(place), page.items);
  page.next = read_next(reader);
  return page;
}

}  // namespace

CosmosBlock parse_cosmos_block(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader header = ObjectReader(document, source).object("block").object("header");
  CosmosBlock block;
  block.chain_id = header.string("chain_id");
  block.height = read_height(header.value("height"));
  block.at = header.instant("time");
  const auto hash = base::from_base64(header.string("app_hash"));
  if (!hash || hash->size() != kHashBytes)
    base::refuse(header.path_of("app_hash"), "must be base64 of 32 bytes");
  block.app_hash = base::to_hex(*hash);
  std::transform(block.app_hash.begin(), block.app_hash.end(), block.app_hash.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  return block;
}

bool parse_cosmos_syncing(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  return ObjectReader(document, source).boolean("syncing");
}

CosmosPage<DelegationRow> parse_delegations(const std::string& source, std::string_view body,
                                            const std::string& delegator, const std::string& denomination) {
  return read_page<DelegationRow>(
      source, body, "delegation_responses", [&](ObjectReader row, std::vector<DelegationRow>& items) {
        ObjectReader delegation = row.object("delegation");
        check_delegator(delegation, delegator);
        items.push_back({delegation.string("validator_address"), read_sdk_decimal(delegation.value("shares")),
                         read_coin(row.object("balance"), denomination)});
      });
}

CosmosPage<UnbondingEntry> parse_unbondings(const std::string& source, std::string_view body,
                                            const std::string& delegator) {
  return read_page<UnbondingEntry>(
      source, body, "unbonding_responses", [&](ObjectReader row, std::vector<UnbondingEntry>& items) {
        check_delegator(row, delegator);
        const std::string validator = row.string("validator_address");
        for (const Place& each : row.array("entries")) {
          ObjectReader entry(each);
          items.push_back({delegator, validator, read_height(entry.value("creation_height")),
                           entry.instant("completion_time"), read_units(entry.value("initial_balance")),
                           read_units(entry.value("balance"))});
          if (items.back().balance > items.back().initial)
            base::refuse(entry.path_of("balance"), "is more than the initial balance");
        }
      });
}

CosmosPage<RedelegationEntry> parse_redelegations(const std::string& source, std::string_view body,
                                                  const std::string& delegator) {
  return read_page<RedelegationEntry>(
      source, body, "redelegation_responses", [&](ObjectReader row, std::vector<RedelegationEntry>& items) {
        ObjectReader pair = row.object("redelegation");
        check_delegator(pair, delegator);
        const std::string from = pair.string("validator_src_address");
        const std::string to = pair.string("validator_dst_address");
        for (const Place& each : row.array("entries")) {
          ObjectReader entry = ObjectReader(each).object("redelegation_entry");
          items.push_back({delegator, from, to, read_height(entry.value("creation_height")),
                           entry.instant("completion_time"), read_units(entry.value("initial_balance")),
                           read_sdk_decimal(entry.value("shares_dst"))});
        }
      });
}

std::map<std::string, Decimal> parse_rewards(const std::string& source, std::string_view body,
                                             const std::string& denomination) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader reader(document, source);
  std::map<std::string, Decimal> by_validator;
  Decimal sum;
  for (const Place& place : read_list(reader, "rewards")) {
    ObjectReader row(place);
    const Decimal amount = sum_coins(read_list(row, "reward"), denomination);
    if (!by_validator.emplace(row.string("validator_address"), amount).second)
      base::refuse(row.path_of("validator_address"), "comes twice");
    sum += amount;
  }
  if (sum != sum_coins(read_list(reader, "total"), denomination))
    base::refuse(reader.path_of("total"), "is not the sum of the rewards beside it");
  return by_validator;
}

Decimal parse_balance(const std::string& source, std::string_view body, const std::string& denomination) {
  const json::Value document = parse_cosmos_json(source, body);
  return read_coin(ObjectReader(document, source).object("balance"), denomination);
}

std::string parse_withdraw_address(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  return ObjectReader(document, source).string("withdraw_address");
}

namespace {

/// A moniker is whatever its operator types.
std::string read_moniker(ObjectReader& validator) {
  auto description = validator.optional_object("description");
  if (!description) return {};
  std::string name = description->optional_string("moniker").value_or("");
  if (name.size() > kMonikerBytesMax)
    base::refuse(description->path_of("moniker"),
                 "is longer than " + std::to_string(kMonikerBytesMax) + " bytes");
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == kDelete; }, '?');
  return name;
}

ValidatorState read_validator_state(ObjectReader reader) {
  ValidatorState state;
  state.address = reader.string("operator_address");
  ObjectReader key = reader.object("consensus_pubkey");
  if (key.string("@type") == "/cosmos.crypto.ed25519.PubKey") state.consensus_key = key.string("key");
  state.jailed = reader.optional_boolean("jailed").value_or(false);
  state.status = reader.string("status");
  state.tokens = read_units(reader.value("tokens"));
  state.shares = read_sdk_decimal(reader.value("delegator_shares"));
  ObjectReader rates = reader.object("commission").object("commission_rates");
  state.commission_rate = read_sdk_decimal(rates.value("rate"));
  if (state.commission_rate > Decimal::of(1)) base::refuse(rates.path_of("rate"), "is more than 1");
  state.name = read_moniker(reader);
  return state;
}

}  // namespace

ValidatorState parse_validator(const std::string& source, std::string_view body, const std::string& address) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader reader = ObjectReader(document, source).object("validator");
  ValidatorState state = read_validator_state(reader);
  if (state.address != address) base::refuse(reader.path_of("operator_address"), "is not the one asked for");
  return state;
}

CosmosPage<ValidatorState> parse_validators(const std::string& source, std::string_view body) {
  return read_page<ValidatorState>(source, body, "validators",
                                   [&](const ObjectReader& row, std::vector<ValidatorState>& items) {
                                     items.push_back(read_validator_state(row));
                                   });
}

CosmosPage<SigningInfo> parse_signing_infos(const std::string& source, std::string_view body) {
  return read_page<SigningInfo>(source, body, "info", [&](ObjectReader row, std::vector<SigningInfo>& items) {
    items.push_back({row.string("address"), read_height(row.value("start_height")),
                     read_height(row.value("missed_blocks_counter")),
                     row.optional_boolean("tombstoned").value_or(false)});
  });
}

Decimal parse_bonded(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  return read_units(ObjectReader(document, source).object("pool").value("bonded_tokens"));
}

Decimal parse_annual_provisions(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  return read_sdk_decimal(ObjectReader(document, source).value("annual_provisions"));
}

bool parse_tombstoned(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  return ObjectReader(document, source)
      .object("val_signing_info")
      .optional_boolean("tombstoned")
      .value_or(false);
}

CosmosPage<SlashRow> parse_slashes(const std::string& source, std::string_view body) {
  return read_page<SlashRow>(source, body, "slashes", [&](ObjectReader row, std::vector<SlashRow>& items) {
    items.push_back({read_height(row.value("validator_period")), read_sdk_decimal(row.value("fraction"))});
    if (items.back().fraction > Decimal::of(1)) base::refuse(row.path_of("fraction"), "is more than 1");
  });
}

CosmosParameters parse_parameters(const std::string& source, std::string_view staking,
                                  std::string_view slashing, std::string_view distribution) {
  CosmosParameters parameters;
  const json::Value staking_document = parse_cosmos_json(source, staking);
  ObjectReader s = ObjectReader(staking_document, source).object("params");
  parameters.unbonding_time = read_duration(s.value("unbonding_time"));
  parameters.max_entries = static_cast<std::uint32_t>(s.integer("max_entries", 0, UINT32_MAX));
  parameters.max_validators = static_cast<std::uint32_t>(s.integer("max_validators", 0, UINT32_MAX));
  parameters.bond_denomination = s.string("bond_denom");
  const json::Value slashing_document = parse_cosmos_json(source, slashing);
  ObjectReader l = ObjectReader(slashing_document, source).object("params");
  parameters.signed_blocks_window = read_height(l.value("signed_blocks_window"));
  parameters.min_signed_per_window = read_sdk_decimal(l.value("min_signed_per_window"));
  parameters.downtime_jail = read_duration(l.value("downtime_jail_duration"));
  parameters.slash_double_sign = read_sdk_decimal(l.value("slash_fraction_double_sign"));
  parameters.slash_downtime = read_sdk_decimal(l.value("slash_fraction_downtime"));
  const json::Value distribution_document = parse_cosmos_json(source, distribution);
  ObjectReader d = ObjectReader(distribution_document, source).object("params");
  parameters.community_tax = read_sdk_decimal(d.value("community_tax"));
  if (const auto checked = check(parameters); checked.has_error())
    throw base::Refused(checked.error().within(source));
  return parameters;
}

CosmosPage<TierPosition> parse_tier_positions(const std::string& source, std::string_view body) {
  return read_page<TierPosition>(
      source, body, "positions", [&](ObjectReader row, std::vector<TierPosition>& items) {
        TierPosition position;
        position.id = read_height(row.value("id"));
        position.owner = row.string("owner");
        position.tier =
            static_cast<std::uint32_t>(row.optional_integer("tier_id", 0, UINT32_MAX).value_or(0));
        position.amount = read_units(row.value("amount"));
        position.validator = row.optional_string("validator").value_or("");
        position.delegator = row.optional_string("delegator_address").value_or("");
        position.exit_triggered_at = read_optional_time(row, "exit_triggered_at");
        position.exit_unlocks_at = read_optional_time(row, "exit_unlock_at");
        items.push_back(std::move(position));
      });
}

Decimal parse_bonus(const std::string& source, std::string_view body, const std::string& denomination) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader reader(document, source);
  Decimal sum;
  for (const Place& place : read_list(reader, "bonus_rewards")) {
    ObjectReader coin(place);
    const bool is_ours = coin.string("denom") == denomination;
    const Decimal amount = read_units(coin.value("amount"));
    if (is_ours) sum += amount;
  }
  return sum;
}

SearchPage parse_search(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader outer(document, source);
  if (outer.has("error") && !outer.is_null("error"))
    base::refuse(outer.path_of("error"), "the node does not search its blocks");
  ObjectReader result = outer.object("result");
  SearchPage page;
  page.total = read_height(result.value("total_count"));
  for (const Place& place : read_list(result, "txs"))
    page.heights.push_back(read_height(ObjectReader(place).value("height")));
  for (const Place& place : read_list(result, "blocks"))
    page.heights.push_back(read_height(ObjectReader(place).object("block").object("header").value("height")));
  return page;
}

std::string consensus_address(const std::string& where, const std::string& key_base64,
                              const std::string& prefix) {
  const auto key = base::from_base64(key_base64);
  if (!key || key->size() != kHashBytes) base::refuse(where, "must be base64 of 32 bytes");
  const auto digest = crypto::sha256(std::span<const std::uint8_t>(*key));
  return bech32_of(prefix, std::span(digest).first(kAddressBytes));
}

}  // namespace navkeeper::staking
