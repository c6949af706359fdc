// What is read back of a NAV's document and inputs; they are written by nav_document.cpp.
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "services/nav/adapters/expense_json.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"

namespace navkeeper::nav {

using json::ObjectReader;
using money::Decimal;

namespace {

std::vector<NamedAmount> read_amounts(const std::vector<json::Place>& places) {
  std::vector<NamedAmount> amounts;
  for (const json::Place& place : places) {
    ObjectReader reader(place);
    std::string name = reader.string("name");
    amounts.push_back({std::move(name), reader.decimal("value")});
  }
  return amounts;
}

template <class Id>
Id name(ObjectReader& reader, const char* key) {
  return base::value_or_refuse(Id::parse(reader.string(key)));
}

ResolvedPrice read_one_price(ObjectReader price) {
  auto index = name<model::IndexId>(price, "index");
  const Decimal value = price.decimal("value");
  const std::string input_hash = price.string("input_hash");
  const std::string basis = price.string("basis");
  return ResolvedPrice{std::move(index), value, input_hash, basis, price.string("source")};
}

std::optional<ResolvedPrice> read_price(ObjectReader& reader, const char* key) {
  auto price = reader.optional_object(key);
  if (!price) return std::nullopt;
  return read_one_price(*std::move(price));
}

void read_pricing(ObjectReader& reader, ResolvedPosition& position) {
  for (const json::Place& place : reader.array("bases"))
    position.bases.push_back(read_one_price(ObjectReader(place)));
  for (const json::Place& place : reader.array("price_checks")) {
    ObjectReader check(place);
    const std::string detail = check.string("detail");
    const std::string name = check.string("name");
    position.price_checks.push_back({name, check.string("result"), detail});
  }
}

StrikePlan read_plan(ObjectReader& reader) {
  StrikePlan plan;
  plan.valuation_date = reader.date("valuation_date");
  const auto valued_at = time::parse_rfc3339(reader.string("valued_at"));
  if (!valued_at) base::refuse("valued_at", "is not an instant");
  plan.valued_at = *valued_at;
  ObjectReader accrual = reader.object("accrual_days");
  plan.accrual_days = {accrual.date("first"), accrual.date("last")};
  return plan;
}

std::vector<policy::ShareSplit> read_splits(ObjectReader& reader) {
  constexpr std::int64_t kSharesMax = 1'000'000;
  std::vector<policy::ShareSplit> splits;
  for (const json::Place& place : reader.array("splits")) {
    ObjectReader item(place);
    policy::ShareSplit split;
    split.effective = item.date("effective");
    split.new_shares = static_cast<int>(item.integer("new_shares", 1, kSharesMax));
    split.old_shares = static_cast<int>(item.integer("old_shares", 1, kSharesMax));
    splits.push_back(split);
  }
  return splits;
}

ResolvedBooks read_books(ObjectReader& reader) {
  ResolvedBooks books;
  books.other_assets = read_amounts(reader.array("other_assets"));
  books.liabilities = read_amounts(reader.array("liabilities"));
  books.shares = reader.decimal("shares");
  for (const json::Place& place : reader.array("pending")) {
    ObjectReader pending(place);
    auto asset = name<model::AssetId>(pending, "asset");
    const Decimal creations = pending.decimal("creations");
    books.pending.push_back({std::move(asset), creations, pending.decimal("redemptions")});
  }
  books.pending_shares = reader.decimal("pending_shares");
  ObjectReader tax = reader.object("tax");
  books.tax = {tax.decimal("taxable_to_date"), tax.decimal("current_provided"),
               tax.decimal("deferred_booked")};
  ObjectReader totals = reader.object("totals");
  books.capital_total = totals.decimal("capital");
  books.income_total = totals.decimal("income");
  books.expenses_total = totals.decimal("expenses");
  books.expenses = read_resolved_expenses(reader);
  books.splits = read_splits(reader);
  books.held_at_zero = read_amounts(reader.array("held_at_zero"));
  if (reader.has("owed_coins")) books.owed_coins = read_amounts(reader.array("owed_coins"));
  return books;
}

void read_reconciled(ObjectReader& item, PeerStatement& peer) {
  peer.is_reconciliation = item.has("breaks");
  if (!peer.is_reconciliation) return;
  for (const json::Place& place : item.array("breaks")) {
    ObjectReader one(place);
    peer.breaks.push_back({one.string("id"), name<model::AssetId>(one, "asset"), one.string("type"),
                           one.decimal("amount"), one.boolean("explained"), one.string("detail")});
  }
  for (const json::Place& place : item.array("unsure")) peer.unsure.push_back(json::read_string(place));
  for (const json::Place& place : item.optional_array("contradictions"))
    peer.contradictions.push_back(json::read_string(place));
  if (!item.has("illiquid")) return;
  ObjectReader illiquid = item.object("illiquid");
  peer.illiquid.emplace();
  for (const json::Place& place : illiquid.array("coins")) {
    ObjectReader one(place);
    const auto asset = name<model::AssetId>(one, "asset");
    peer.illiquid->coins.emplace(asset, one.decimal("quantity"));
  }
  peer.illiquid->is_breach_open = illiquid.boolean("breach_open");
  for (const json::Place& place : illiquid.array("missing"))
    peer.illiquid->missing.push_back(json::read_string(place));
}

std::vector<PeerStatement> read_peers(ObjectReader& reader) {
  std::vector<PeerStatement> peers;
  if (!reader.has("peers")) return peers;
  for (const json::Place& place : reader.array("peers")) {
    ObjectReader item(place);
    PeerStatement peer;
    peer.as_of = item.date("as_of");
    peer.hash = item.string("hash");
    const auto kind = parse_peer_kind(item.string("kind"));
    if (!kind) base::refuse("peers.kind", "is unknown");
    peer.kind = *kind;
    peer.source = item.string("source");
    for (const json::Place& line_place : item.array("lines")) {
      ObjectReader line(line_place);
      PeerLine read{name<model::AssetId>(line, "asset")};
      read.booked = line.decimal("booked");
      if (line.has("opening")) {
        read.opening = line.decimal("opening");
        read.added = line.decimal("added");
        read.rewards = line.decimal("rewards");
        read.withdrawn = line.decimal("withdrawn");
        read.penalties = line.decimal("penalties");
      }
      read.reconciled = line.optional_decimal("reconciled");
      read.closing = line.decimal("closing");
      peer.lines.push_back(std::move(read));
    }
    read_reconciled(item, peer);
    peers.push_back(std::move(peer));
  }
  return peers;
}

/// By asset, the index rate among the bases of the resolved positions.
void add_index_rates(ObjectReader& inputs, NavSummary& summary) {
  for (const json::Place& place : inputs.array("positions")) {
    ObjectReader position(place);
    const std::string asset = position.string("asset");
    for (const json::Place& basis_place : position.array("bases")) {
      ObjectReader basis(basis_place);
      if (basis.string("basis") != "index") continue;
      for (NavPosition& read : summary.positions) {
        if (read.asset == asset) read.index_rate = basis.decimal("value");
      }
    }
  }
}

void add_pending(ObjectReader& inputs, NavSummary& summary) {
  for (const json::Place& place : inputs.array("pending")) {
    ObjectReader pending(place);
    const std::string asset = pending.string("asset");
    for (NavPosition& read : summary.positions) {
      if (read.asset == asset) read.pending = pending.decimal("creations") - pending.decimal("redemptions");
    }
  }
}

}  // namespace

NavSummary read_summary(const std::string& document, const std::string& inputs) {
  const json::Value document_value = base::value_or_refuse(json::parse(document));
  const json::Value inputs_value = base::value_or_refuse(json::parse(inputs));
  ObjectReader reader(document_value);
  NavSummary summary;
  summary.valuation_date = reader.date("valuation_date");
  for (const json::Place& place : reader.array("positions")) {
    ObjectReader position(place);
    NavPosition read;
    read.asset = position.string("asset");
    read.quantity = position.decimal("quantity");
    read.price = position.decimal("price");
    read.value = position.decimal("value");
    summary.positions.push_back(std::move(read));
  }
  summary.net_assets = reader.decimal("net_assets");
  summary.shares = reader.decimal("shares_outstanding");
  summary.nav_per_share = reader.decimal("nav_per_share");
  summary.fee_base = reader.decimal("fee_base");
  summary.expenses = read_expenses_total(reader);
  summary.payables_change = read_payables_change(reader);
  summary.carried = read_carried(reader);
  ObjectReader resolved(inputs_value);
  ObjectReader resolved_expenses = resolved.object("expenses");
  summary.carried_before = read_carried(resolved_expenses);
  add_pending(resolved, summary);
  summary.splits = read_splits(resolved);
  summary.register_shares = resolved.decimal("shares");
  add_index_rates(resolved, summary);
  ObjectReader tax = reader.object("tax");
  summary.tax_change = tax.decimal("current_change") + tax.decimal("deferred_change");
  ObjectReader totals = ObjectReader(inputs_value).object("totals");
  summary.capital_total = totals.decimal("capital");
  summary.income_total = totals.decimal("income");
  summary.expenses_total = totals.decimal("expenses");
  return summary;
}

ResolvedStrike read_inputs(const std::string& inputs, const FundDefinition& definition) {
  const json::Value value = base::value_or_refuse(json::parse(inputs));
  ObjectReader reader(value);
  ResolvedStrike resolved(definition);
  resolved.definition_hash = reader.string("definition_hash");
  if (resolved.definition_hash != definition_hash(definition))
    base::refuse("definition_hash", "belongs to another definition");
  resolved.plan = read_plan(reader);
  for (const json::Place& place : reader.array("positions")) {
    ObjectReader position(place);
    auto asset = name<model::AssetId>(position, "asset");
    const Decimal quantity = position.decimal("quantity");
    const Decimal cost = position.decimal("cost");
    auto price = read_price(position, "price");
    resolved.positions.push_back(
        {std::move(asset), quantity, cost, std::move(price), read_price(position, "second_price")});
    read_pricing(position, resolved.positions.back());
  }
  resolved.books = read_books(reader);
  resolved.peers = read_peers(reader);
  return resolved;
}

}  // namespace navkeeper::nav
