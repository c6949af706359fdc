#include "services/staking/adapters/custody_client.h"

#include "common/base/refuse.h"
#include "common/http/url.h"

namespace navkeeper::staking {
namespace {

using json::ObjectReader;
using json::Place;

std::optional<money::Decimal> amount_in(ObjectReader& reader, std::string_view key) {
  auto amount = reader.optional_decimal(key);
  if (amount && amount->is_negative()) base::refuse(reader.path_of(key), "is negative");
  return amount;
}

model::AssetId asset_in(ObjectReader& reader) {
  const auto asset = model::AssetId::parse(reader.string("asset"));
  if (asset.has_error()) base::refuse(reader.path_of("asset"), asset.error().rule);
  return *asset;
}

/// What custody says of a record in its own words: whose it is, and on which side a request is where its key
/// does not tell.
void add_words(ObjectReader& row, CustodianRecord& record) {
  if (!row.has("document")) return;
  const Place document = row.value("document");
  if (document.value.kind() != json::Kind::kObject) return;
  for (const char* kind : {"reward", "stake"}) {
    const json::Value* const words = document.value.find(kind);
    if (words == nullptr) continue;
    ObjectReader reader(*words, document.path + "." + kind);
    record.account = reader.string("account");
    if (std::string_view(kind) != "stake") continue;
    const std::string side = reader.string("side");
    if (side != "stake" && side != "unstake")
      base::refuse(reader.path_of("side"), "is neither stake nor unstake");
    record.key = (side == "stake" ? "STAKE:" : "UNSTAKE:") + record.key;
  }
}

/// Of a conversion as Crypto.com's row has it. Nothing is guessed: what it does not say stays open.
void add_conversion(ObjectReader& row, CustodianRecord& record) {
  if (!record.key.starts_with("CONVERT:") || !row.has("document")) return;
  const Place document = row.value("document");
  if (document.value.kind() != json::Kind::kObject) return;
  const json::Value* const told = document.value.find("row");
  if (told == nullptr || told->kind() != json::Kind::kObject) return;
  const auto text = [&](std::string_view key) {
    const json::Value* const found = told->find(key);
    return found != nullptr && found->kind() == json::Kind::kString ? found->as_string() : std::string();
  };
  record.into = text("to_instrument_name");
  const auto received = money::Decimal::parse(text("to_quantity"));
  if (received.has_value() && received->is_positive()) record.received = *received;
}

constexpr std::string_view kActivating = "activating:";

/// A custodian whose balances do not say what activates, and which lists it by validator instead.
void add_activating(const std::vector<CustodianRecord>& validators, std::vector<CustodianBalance>& balances) {
  for (CustodianBalance& balance : balances) {
    if (balance.activating || !balance.staked) continue;
    for (const CustodianRecord& one : validators) {
      if (!one.key.starts_with(std::string(kActivating) + balance.account + ":") ||
          one.asset != balance.asset.value())
        continue;
      balance.activating = balance.activating.value_or(money::Decimal{}) + one.amount;
    }
  }
}

}  // namespace

std::vector<CustodianBalance> parse_custody_balances(const std::string& where, std::string_view body,
                                                     const std::string& source) {
  const json::Value document = parse_node_json(where, body);
  ObjectReader outer(document, where);
  std::vector<CustodianBalance> balances;
  for (const Place& place : outer.array("balances")) {
    ObjectReader row(place);
    if (row.string("source") != source) continue;
    CustodianBalance balance;
    balance.account = row.string("account");
    if (balance.account.empty()) base::refuse(row.path_of("account"), "is empty");
    balance.asset = asset_in(row);
    if (!row.is_null("owned")) balance.owned = amount_in(row, "owned");
    balance.staked = amount_in(row, "staked");
    balance.activating = amount_in(row, "activating");
    balance.unbonding = amount_in(row, "unbonding");
    for (const Place& each : row.optional_array("unbonding_entries")) {
      ObjectReader entry(each);
      const auto amount = amount_in(entry, "amount");
      if (!amount) base::refuse(entry.path_of("amount"), "is missing");
      balance.unbonding_entries.emplace_back(*amount, entry.optional_instant("completes_at"));
    }
    balance.rewards_pending = amount_in(row, "rewards_pending");
    balance.claimable = amount_in(row, "claimable");
    balance.as_of = row.instant("as_of");
    balances.push_back(std::move(balance));
  }
  return balances;
}

std::vector<CustodianRecord> parse_custody_records(const std::string& where, std::string_view body,
                                                   const std::string& source) {
  const json::Value document = parse_node_json(where, body);
  ObjectReader outer(document, where);
  std::vector<CustodianRecord> records;
  for (const Place& from : outer.array("sources")) {
    ObjectReader named(from);
    if (named.string("source") != source) continue;
    for (const Place& place : named.array("records")) {
      ObjectReader row(place);
      const auto amount = row.optional_decimal("amount");
      // What custody no longer finds at the custodian did not happen.
      if (!amount || row.string("standing") == "vanished") continue;
      CustodianRecord record{
          row.string("key"), row.instant("at"),       row.optional_string("asset").value_or(""),
          *amount,           row.integer("count", 1), row.string("progress")};
      add_words(row, record);
      add_conversion(row, record);
      records.push_back(std::move(record));
    }
  }
  return records;
}

CustodianWord read_custody(http::Node& node, const model::FundId& fund, const std::string& source) {
  const std::string base = "/v1/custody/funds/" + http::percent_encode(fund.value());
  const http::Parameters query{{"source", source}};
  const auto records = [&](const char* kind) {
    return parse_custody_records(node.name() + ": " + kind, node.get(base + "/records/" + kind, query),
                                 source);
  };
  CustodianWord word;
  word.balances =
      parse_custody_balances(node.name() + ": balances", node.get(base + "/balances", query), source);
  word.rewards = records("reward");
  word.stakes = records("stake");
  word.transfers = records("transfer");
  word.terms = records("terms");
  add_activating(records("validator"), word.balances);
  return word;
}

}  // namespace navkeeper::staking
