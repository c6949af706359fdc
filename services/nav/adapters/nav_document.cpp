#include "services/nav/adapters/nav_document.h"

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/nav/adapters/expense_json.h"
#include "services/nav/adapters/fund_file.h"

namespace navkeeper::nav {

using json::ObjectReader;
using json::Writer;
using money::Decimal;

namespace {

constexpr std::size_t kDifferencesMax = 5;

std::string canonical(Writer& writer) {
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

void write_amounts(Writer& writer, const char* key, const std::vector<NamedAmount>& amounts) {
  writer.key(key).begin_array();
  for (const NamedAmount& amount : amounts)
    writer.begin_object().member("name", amount.name).member("value", amount.amount).end_object();
  writer.end_array();
}

void write_price(Writer& writer, const char* key, const std::optional<ResolvedPrice>& price) {
  if (!price) return;
  writer.key(key)
      .begin_object()
      .member("index", price->index.value())
      .member("value", price->value)
      .member("input_hash", price->input_hash)
      .member("basis", price->basis)
      .member("source", price->source)
      .end_object();
}

void write_pricing(Writer& writer, const ResolvedPosition& position) {
  writer.key("bases").begin_array();
  for (const ResolvedPrice& basis : position.bases)
    writer.begin_object()
        .member("basis", basis.basis)
        .member("index", basis.index.value())
        .member("input_hash", basis.input_hash)
        .member("source", basis.source)
        .member("value", basis.value)
        .end_object();
  writer.end_array().key("price_checks").begin_array();
  for (const PriceCheck& check : position.price_checks)
    writer.begin_object()
        .member("detail", check.detail)
        .member("name", check.name)
        .member("result", check.result)
        .end_object();
  writer.end_array();
}

void write_plan(Writer& writer, const StrikePlan& plan) {
  writer.member("valuation_date", plan.valuation_date.to_string());
  writer.member("valued_at", plan.valued_at.to_string());
  writer.key("accrual_days").begin_object();
  writer.member("first", plan.accrual_days.first.to_string());
  writer.member("last", plan.accrual_days.last.to_string()).end_object();
}

void write_books(Writer& writer, const ResolvedBooks& books) {
  write_amounts(writer, "other_assets", books.other_assets);
  write_amounts(writer, "liabilities", books.liabilities);
  writer.member("shares", books.shares);
  writer.key("pending").begin_array();
  for (const PendingCoins& pending : books.pending)
    writer.begin_object()
        .member("asset", pending.asset.value())
        .member("creations", pending.creations)
        .member("redemptions", pending.redemptions)
        .end_object();
  writer.end_array().member("pending_shares", books.pending_shares);
  writer.key("tax")
      .begin_object()
      .member("taxable_to_date", books.tax.taxable_to_date)
      .member("current_provided", books.tax.current_provided)
      .member("deferred_booked", books.tax.deferred_booked)
      .end_object();
  writer.key("totals")
      .begin_object()
      .member("capital", books.capital_total)
      .member("income", books.income_total)
      .member("expenses", books.expenses_total)
      .end_object();
  write_resolved_expenses(writer, books.expenses);
  writer.key("splits").begin_array();
  for (const policy::ShareSplit& split : books.splits)
    writer.begin_object()
        .member("effective", split.effective.to_string())
        .member("new_shares", split.new_shares)
        .member("old_shares", split.old_shares)
        .end_object();
  writer.end_array();
  write_amounts(writer, "held_at_zero", books.held_at_zero);
}

void write_reconciled(Writer& writer, const PeerStatement& peer) {
  writer.key("breaks").begin_array();
  for (const PeerBreak& one : peer.breaks)
    writer.begin_object()
        .member("id", one.id)
        .member("asset", one.asset.value())
        .member("type", one.type)
        .member("amount", one.amount)
        .member("explained", one.is_explained)
        .member("detail", one.detail)
        .end_object();
  writer.end_array().key("unsure").begin_array();
  for (const std::string& unsure : peer.unsure) writer.string(unsure);
  writer.end_array();
  if (peer.kind != PeerKind::kStaking) return;
  writer.key("contradictions").begin_array();
  for (const std::string& told : peer.contradictions) writer.string(told);
  writer.end_array();
}

/// Only where somebody said something: inputs without a statement read as they always did.
void write_peers(Writer& writer, const std::vector<PeerStatement>& peers) {
  if (peers.empty()) return;
  writer.key("peers").begin_array();
  for (const PeerStatement& peer : peers) {
    writer.begin_object()
        .member("as_of", peer.as_of.to_string())
        .member("hash", peer.hash)
        .member("kind", describe(peer.kind))
        .member("source", peer.source)
        .key("lines")
        .begin_array();
    for (const PeerLine& line : peer.lines) {
      writer.begin_object().member("asset", line.asset.value()).member("booked", line.booked);
      if (line.opening)
        writer.member("opening", *line.opening)
            .member("added", line.added)
            .member("rewards", line.rewards)
            .member("withdrawn", line.withdrawn)
            .member("penalties", line.penalties);
      if (line.reconciled) writer.member("reconciled", *line.reconciled);
      writer.member("closing", line.closing).end_object();
    }
    writer.end_array();
    if (peer.is_reconciliation) write_reconciled(writer, peer);
    writer.end_object();
  }
  writer.end_array();
}

void write_valued(Writer& writer, const ResolvedPosition& resolved, const ValuedPosition& valued) {
  writer.begin_object()
      .member("asset", resolved.asset.value())
      .member("quantity", resolved.quantity)
      .member("index", resolved.price->index.value())
      .member("price", resolved.price->value)
      .member("price_basis", resolved.price->basis)
      .member("price_source", resolved.price->source)
      .member("price_input_hash", resolved.price->input_hash)
      .member("value", valued.value)
      .member("cost", resolved.cost)
      .member("unrealised", valued.value - resolved.cost);
  if (resolved.second_price) {
    writer.member("second_basis", resolved.second_price->basis);
    writer.member("second_price", resolved.second_price->value);
  }
  writer.key("weight");
  if (valued.weight) {
    writer.decimal(*valued.weight);
  } else {
    writer.null();
  }
  writer.end_object();
}

void write_tax(Writer& writer, const FundDefinition& fund, const TaxProvision& tax) {
  writer.key("tax")
      .begin_object()
      .member("status", describe(fund.tax.status))
      .member("blended_rate", tax.blended_rate)
      .member("taxable", tax.taxable)
      .member("unrealised", tax.unrealised)
      .member("current", tax.current)
      .member("current_change", tax.current_change)
      .member("deferred_before_allowance", tax.deferred_gross)
      .member("deferred", tax.deferred)
      .member("deferred_change", tax.deferred_change)
      .end_object();
}

}  // namespace

std::string JsonDocuments::inputs(const ResolvedStrike& resolved) {
  Writer writer;
  writer.begin_object();
  writer.member("definition", base::value_or_refuse(json::parse(definition_json(resolved.definition))));
  writer.member("definition_hash", resolved.definition_hash);
  write_plan(writer, resolved.plan);
  writer.key("positions").begin_array();
  for (const ResolvedPosition& position : resolved.positions) {
    writer.begin_object()
        .member("asset", position.asset.value())
        .member("quantity", position.quantity)
        .member("cost", position.cost);
    write_price(writer, "price", position.price);
    write_price(writer, "second_price", position.second_price);
    write_pricing(writer, position);
    writer.end_object();
  }
  writer.end_array();
  write_books(writer, resolved.books);
  write_peers(writer, resolved.peers);
  writer.end_object();
  return canonical(writer);
}

std::string JsonDocuments::document(const ResolvedStrike& resolved, const StrikeFigures& figures,
                                    const std::string& inputs) {
  const FundDefinition& fund = resolved.definition;
  const NavFigures& nav = figures.nav;
  Writer writer;
  writer.begin_object()
      .member("document", "navkeeper.nav.v1")
      .member("fund", fund.id.value())
      .member("name", fund.name)
      .member("act", describe(fund.act))
      .member("official_basis", describe(fund.official_basis))
      .member("definition_hash", resolved.definition_hash)
      .member("inputs_hash", crypto::sha256_hex(inputs))
      .member("valuation_date", resolved.plan.valuation_date.to_string())
      .member("valued_at", resolved.plan.valued_at.to_string());
  writer.key("positions").begin_array();
  for (std::size_t i = 0; i < resolved.positions.size(); ++i)
    write_valued(writer, resolved.positions[i], nav.positions[i]);
  writer.end_array();
  write_amounts(writer, "other_assets", resolved.books.other_assets);
  write_amounts(writer, "liabilities", resolved.books.liabilities);
  if (!resolved.books.held_at_zero.empty())
    write_amounts(writer, "held_at_zero", resolved.books.held_at_zero);
  writer.member("total_assets", nav.total_assets).member("fee_base", nav.fee_base);
  write_expenses(writer, fund, figures.expenses);
  write_tax(writer, fund, figures.tax);
  writer.member("total_liabilities", nav.total_liabilities)
      .member("net_assets", nav.net_assets)
      .member("shares_outstanding", figures.shares)
      .member("nav_per_share", nav.nav_per_share)
      .member("nav_per_share_unrounded", nav.nav_per_share_exact.to_unrounded_string())
      .end_object();
  return canonical(writer);
}

namespace {

std::string shown(const json::Value* value) {
  if (value == nullptr) return "nothing";
  const std::string text =
      value->kind() == json::Kind::kString ? value->as_string() : json::to_compact(*value);
  constexpr std::size_t kShownMax = 60;
  return text.size() <= kShownMax ? text : text.substr(0, kShownMax) + "...";
}

void compare(const json::Value* before, const json::Value* now, const std::string& path,
             std::vector<std::string>& found) {
  if (found.size() >= kDifferencesMax) return;
  if (before != nullptr && now != nullptr) {
    if (*before == *now) return;
    if (before->kind() == json::Kind::kObject && now->kind() == json::Kind::kObject) {
      const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
      for (const json::Member& member : before->as_object())
        compare(&member.value, now->find(member.key), below(member.key), found);
      for (const json::Member& member : now->as_object()) {
        if (before->find(member.key) == nullptr) compare(nullptr, &member.value, below(member.key), found);
      }
      return;
    }
    if (before->kind() == json::Kind::kArray && now->kind() == json::Kind::kArray) {
      const auto& a = before->as_array();
      const auto& b = now->as_array();
      for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
        compare(i < a.size() ? &a[i] : nullptr, i < b.size() ? &b[i] : nullptr,
                path + "[" + std::to_string(i) + "]", found);
      return;
    }
  }
  found.push_back(path + ": " + shown(before) + " then, " + shown(now) + " now");
}

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

std::string JsonDocuments::hash(const std::string& text) { return crypto::sha256_hex(text); }

ResolvedStrike JsonDocuments::resolved(const std::string& inputs, const FundDefinition& definition) {
  return read_inputs(inputs, definition);
}

std::vector<std::string> JsonDocuments::differences(const std::string& before, const std::string& now) {
  std::vector<std::string> found;
  const json::Value a = base::value_or_refuse(json::parse(before));
  const json::Value b = base::value_or_refuse(json::parse(now));
  compare(&a, &b, "", found);
  return found;
}

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
