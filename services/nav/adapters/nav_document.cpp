// Writing a NAV's document and inputs; reading them back is nav_document_read.cpp.
#include "services/nav/adapters/nav_document.h"

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/write.h"
#include "services/nav/adapters/expense_json.h"
#include "services/nav/adapters/fund_file.h"

namespace navkeeper::nav {

using json::Writer;
using money::Decimal;

namespace {

constexpr std::size_t kDifferencesMax = 5;

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
  if (!books.owed_coins.empty()) write_amounts(writer, "owed_coins", books.owed_coins);
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
  if (!peer.illiquid) return;
  writer.key("illiquid").begin_object().key("coins").begin_array();
  for (const auto& [asset, coins] : peer.illiquid->coins)
    writer.begin_object().member("asset", asset.value()).member("quantity", coins).end_object();
  writer.end_array().member("breach_open", peer.illiquid->is_breach_open).key("missing").begin_array();
  for (const std::string& missing : peer.illiquid->missing) writer.string(missing);
  writer.end_array().end_object();
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
  Writer writer(json::Keys::kSorted);
  writer.begin_object();
  writer.key("definition").written(definition_json(resolved.definition));
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
  return writer.take();
}

std::string JsonDocuments::document(const ResolvedStrike& resolved, const StrikeFigures& figures,
                                    const std::string& inputs) {
  const FundDefinition& fund = resolved.definition;
  const NavFigures& nav = figures.nav;
  Writer writer(json::Keys::kSorted);
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
  return writer.take();
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

}  // namespace navkeeper::nav
