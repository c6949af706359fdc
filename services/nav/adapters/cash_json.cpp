#include "services/nav/adapters/cash_json.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/model/id.h"
#include "common/runtime/input_file.h"

namespace navkeeper::nav {

using json::ObjectReader;
using json::Writer;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 16;
constexpr std::size_t kTextLengthMax = 140;
constexpr std::size_t kPositionRowsMax = 100'000;

/// Printable text of one line.
std::string text_in(ObjectReader& reader, const char* key, std::size_t most = kTextLengthMax) {
  std::string text = reader.string(key);
  if (text.size() > most)
    base::refuse(reader.path_of(key), "is longer than " + std::to_string(most) + " bytes");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    base::refuse(reader.path_of(key), "has a control character");
  return text;
}

/// An id of ours: a name as all of our names are.
std::string id_in(ObjectReader& reader, const char* key) {
  const std::string text = reader.string(key);
  if (const auto broken = model::broken_name_rule(text, key, ""))
    base::refuse(reader.path_of(key), broken->rule);
  return text;
}

std::string asset_in(ObjectReader& reader, const char* key) {
  const auto asset = model::AssetId::parse(reader.string(key));
  if (asset.has_error()) base::refuse(reader.path_of(key), asset.error().rule);
  return asset->value();
}

cash::TradeSide side_in(ObjectReader& reader) {
  const std::string word = reader.string("side");
  if (word == "buy") return cash::TradeSide::kBuy;
  if (word == "sell") return cash::TradeSide::kSell;
  base::refuse(reader.path_of("side"), "is neither buy nor sell");
}

cash::BankAccount read_account(ObjectReader& reader) {
  cash::BankAccount account;
  account.number = text_in(reader, "number");
  account.currency = reader.optional_string("currency").value_or("USD");
  account.servicer = text_in(reader, "servicer");
  return account;
}

cash::Payee read_payee(ObjectReader& reader) {
  cash::Payee payee;
  payee.name = text_in(reader, "name");
  payee.number = text_in(reader, "number");
  payee.servicer = text_in(reader, "servicer");
  return payee;
}

cash::WireLimits read_limits(ObjectReader& reader) {
  cash::WireLimits limits;
  limits.account = id_in(reader, "account");
  limits.per_wire = reader.decimal("per_wire");
  limits.per_day = reader.decimal("per_day");
  return limits;
}

cash::Wire read_wire(ObjectReader& reader) {
  cash::Wire wire;
  wire.account = id_in(reader, "account");
  wire.payee = id_in(reader, "payee");
  wire.amount = reader.decimal("amount");
  wire.value_date = reader.date("value_date");
  wire.purpose = text_in(reader, "purpose");
  if (auto pays = reader.optional_object("pays")) {
    wire.pays_source = text_in(*pays, "source");
    wire.pays_id = text_in(*pays, "id", 255);
    pays->finish();
  }
  return wire;
}

cash::CoinTrade read_trade(ObjectReader& reader) {
  cash::CoinTrade trade;
  trade.side = side_in(reader);
  trade.asset = asset_in(reader, "asset");
  trade.quantity = reader.decimal("quantity");
  trade.limit = reader.optional_decimal("limit");
  if (const auto bps = reader.optional_integer("fee_bps_max", 0, cash::kFeeBpsMax))
    trade.fee_bps_max = static_cast<int>(*bps);
  trade.date = reader.date("date");
  const std::string purpose = reader.string("purpose");
  const cash::TradePurpose purposes[] = {cash::TradePurpose::kOrder, cash::TradePurpose::kRebalancing,
                                         cash::TradePurpose::kExpense};
  const auto found = std::find_if(std::begin(purposes), std::end(purposes),
                                  [&](cash::TradePurpose one) { return describe(one) == purpose; });
  if (found == std::end(purposes))
    base::refuse(reader.path_of("purpose"), "is none of order, rebalancing, expense");
  trade.purpose = *found;
  trade.counterparty = text_in(reader, "counterparty");
  trade.settlement_days =
      static_cast<int>(reader.optional_integer("settlement_days", 0, cash::kSettlementDaysMax).value_or(1));
  for (const json::Place& place : reader.optional_array("allocations")) {
    ObjectReader part(place);
    trade.allocations.push_back({text_in(part, "order"), part.decimal("quantity")});
    part.finish();
  }
  return trade;
}

struct WriteTerms {
  Writer& out;

  void operator()(const cash::BankAccount& account) const {
    out.member("currency", account.currency).member("id", account.id).member("kind", "bank_account");
    out.member("number", account.number).member("servicer", account.servicer);
  }
  void operator()(const cash::Payee& payee) const {
    out.member("id", payee.id).member("kind", "payee").member("name", payee.name);
    out.member("number", payee.number).member("servicer", payee.servicer);
  }
  void operator()(const cash::WireLimits& limits) const {
    out.member("account", limits.account).member("id", limits.id).member("kind", "limits");
    out.member("per_day", limits.per_day).member("per_wire", limits.per_wire);
  }
  void operator()(const cash::Wire& wire) const {
    out.member("account", wire.account).member("amount", wire.amount).member("id", wire.id);
    out.member("kind", "wire").member("payee", wire.payee);
    if (!wire.pays_source.empty())
      out.key("pays")
          .begin_object()
          .member("id", wire.pays_id)
          .member("source", wire.pays_source)
          .end_object();
    out.member("purpose", wire.purpose).member("value_date", wire.value_date.to_string());
  }
  void operator()(const cash::CoinTrade& trade) const {
    out.key("allocations").begin_array();
    for (const cash::TradeAllocation& part : trade.allocations)
      out.begin_object().member("order", part.order).member("quantity", part.quantity).end_object();
    out.end_array().member("asset", trade.asset).member("counterparty", trade.counterparty);
    out.member("date", trade.date.to_string());
    if (trade.fee_bps_max) out.member("fee_bps_max", *trade.fee_bps_max);
    out.member("id", trade.id).member("kind", "trade");
    if (trade.limit) out.member("limit", *trade.limit);
    out.member("purpose", describe(trade.purpose)).member("quantity", trade.quantity);
    out.member("settlement_days", trade.settlement_days).member("side", describe(trade.side));
  }
};

}  // namespace

cash::CashProposal read_proposal(const json::Value& value) {
  ObjectReader reader(value);
  const std::string kind = reader.string("kind");
  const std::string id = id_in(reader, "id");
  cash::CashProposal proposal;
  if (kind == "bank_account") {
    proposal.terms = read_account(reader);
  } else if (kind == "payee") {
    proposal.terms = read_payee(reader);
  } else if (kind == "limits") {
    proposal.terms = read_limits(reader);
  } else if (kind == "wire") {
    proposal.terms = read_wire(reader);
  } else if (kind == "trade") {
    proposal.terms = read_trade(reader);
  } else {
    base::refuse("kind", "is none of bank_account, payee, limits, wire, trade");
  }
  reader.finish();
  std::visit([&](auto& terms) { terms.id = id; }, proposal.terms);
  const auto checked = cash::check_proposal(proposal);
  if (checked.has_error()) throw base::Refused(checked.error());
  return proposal;
}

std::string proposal_content(const cash::CashProposal& proposal) {
  Writer out;
  out.begin_object();
  std::visit(WriteTerms{out}, proposal.terms);
  return out.end_object().take();
}

ExecutionToRecord read_execution(const json::Value& value) {
  ObjectReader reader(value);
  ExecutionToRecord recorded;
  recorded.trade = id_in(reader, "trade");
  recorded.execution.id = id_in(reader, "execution");
  recorded.execution.date = reader.date("date");
  recorded.execution.quantity = reader.decimal("quantity");
  recorded.execution.price = reader.decimal("price");
  recorded.execution.fee = reader.optional_decimal("fee").value_or(money::Decimal{});
  reader.finish();
  return recorded;
}

cash::Confirmation read_confirmation(const json::Value& value) {
  ObjectReader reader(value);
  cash::Confirmation confirmation;
  confirmation.reference = text_in(reader, "reference");
  if (confirmation.reference.empty()) base::refuse("reference", "is empty");
  confirmation.trade = id_in(reader, "trade");
  confirmation.execution = id_in(reader, "execution");
  confirmation.side = side_in(reader);
  confirmation.asset = asset_in(reader, "asset");
  confirmation.quantity = reader.decimal("quantity");
  confirmation.price = reader.decimal("price");
  confirmation.cash = reader.decimal("cash");
  confirmation.trade_date = reader.date("trade_date");
  confirmation.settlement_date = reader.date("settlement_date");
  reader.finish();
  return confirmation;
}

std::string confirmation_content(const cash::Confirmation& one) {
  Writer out;
  out.begin_object().member("asset", one.asset).member("cash", one.cash).member("execution", one.execution);
  out.member("price", one.price).member("quantity", one.quantity).member("reference", one.reference);
  out.member("settlement_date", one.settlement_date.to_string()).member("side", describe(one.side));
  out.member("trade", one.trade).member("trade_date", one.trade_date.to_string());
  return out.end_object().take();
}

std::string statement_content(const cash::BankStatement& statement) {
  Writer out;
  out.begin_object().member("account", statement.account).member("closing", statement.closing);
  out.member("currency", statement.currency).member("from", statement.from.to_string());
  out.member("id", statement.id).key("lines").begin_array();
  for (const cash::StatementLine& line : statement.lines) {
    out.begin_object().member("amount", line.amount).member("booked", line.booked.to_string());
    out.member("customer_reference", line.customer_reference).member("reference", line.reference);
    out.member("text", line.text).member("type", line.type).member("value", line.value.to_string());
    out.end_object();
  }
  return out.end_array()
      .member("opening", statement.opening)
      .member("to", statement.to.to_string())
      .end_object()
      .take();
}

namespace {

/// The fields of a line of CSV (RFC 4180); a quoted field ends on its line.
std::vector<std::string> csv_fields(std::string_view line, const std::string& where) {
  std::vector<std::string> fields;
  std::size_t at = 0;
  for (;;) {
    std::string field;
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) base::refuse(where, "a quote does not end");
        if (line[at] != '"') {
          field.push_back(line[at]);
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          field.push_back('"');
          ++at;
        } else {
          ++at;
          break;
        }
      }
      if (at < line.size() && line[at] != ',') base::refuse(where, "something follows a quoted field");
    } else {
      const std::size_t end = std::min(line.find(',', at), line.size());
      field = std::string(line.substr(at, end - at));
      if (field.find('"') != std::string::npos) base::refuse(where, "a quote stands inside a field");
      at = end;
    }
    fields.push_back(std::move(field));
    if (at >= line.size()) return fields;
    ++at;
  }
}

}  // namespace

cash::SharePositions read_share_positions(std::string_view content, const std::string& source,
                                          const std::string& fund) {
  const bool is_agent = source == cash::kTransferAgent;
  cash::SharePositions positions;
  positions.source = source;
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  std::vector<std::string> columns;
  std::size_t rows = 0;
  for (int number = 1; !content.empty(); ++number) {
    const std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string where = "line " + std::to_string(number);
    const auto fields = csv_fields(line, where);
    if (columns.empty()) {
      columns = fields;
      std::vector<std::string> sorted = fields;
      std::sort(sorted.begin(), sorted.end());
      const std::vector<std::string> wanted =
          is_agent ? std::vector<std::string>{"date", "fund", "holder", "shares"}
                   : std::vector<std::string>{"date", "fund", "shares"};
      if (sorted != wanted)
        base::refuse(
            where, std::string("the columns are not date, fund, ") + (is_agent ? "holder, " : "") + "shares");
      continue;
    }
    if (fields.size() != columns.size()) base::refuse(where, "has another number of fields than the header");
    if (++rows > kPositionRowsMax) base::refuse(where, "there are too many rows");
    const auto field = [&](std::string_view name) {
      return fields[static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) -
                                             columns.begin())];
    };
    const auto date = time::Date::parse(field("date"));
    if (!date) base::refuse(where + ": date", "is not a date YYYY-MM-DD that exists");
    if (rows > 1 && *date != positions.date) base::refuse(where + ": date", "is another day than before");
    positions.date = *date;
    if (field("fund") != fund) base::refuse(where + ": fund", "is not " + fund);
    const auto shares = money::Decimal::parse(field("shares"));
    if (shares.has_error()) base::refuse(where + ": shares", std::string(describe(shares.error())));
    const std::string holder = is_agent ? field("holder") : cash::kNominee;
    if (holder.empty()) base::refuse(where + ": holder", "is empty");
    if (!positions.holders.emplace(holder, *shares).second)
      base::refuse(where + ": holder", holder + " is there twice");
  }
  const auto checked = cash::check_positions(positions);
  if (checked.has_error()) throw base::Refused(checked.error());
  return positions;
}

std::string holders_json(const cash::SharePositions& positions) {
  Writer out;
  out.begin_object();
  for (const auto& [holder, shares] : positions.holders) out.member(holder, shares);
  return out.end_object().take();
}

cash::SharePositions positions_of(const std::string& source, time::Date date, const std::string& holders) {
  cash::SharePositions positions{source, date, {}};
  const json::Value value = base::value_or_refuse(json::parse(holders));
  ObjectReader reader(value);
  for (const json::Member& member : value.as_object())
    positions.holders.emplace(member.key, reader.decimal(member.key));
  return positions;
}

json::Value read_json_file(const std::string& path) {
  auto value = json::parse(runtime::read_input_file(path, kFileBytesMax));
  if (value.has_error()) throw base::Refused(value.error().within(path));
  return *std::move(value);
}

}  // namespace navkeeper::nav
