#include "services/nav/adapters/share_position_store.h"

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/cash_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/order_settlement_store.h"

namespace navkeeper::nav {

using money::Decimal;

std::optional<int> import_positions(db::Transaction& transaction, const model::FundId& fund,
                                    const cash::SharePositions& positions, const CashActor& who) {
  model::require_role(who.actor, {model::Role::kOperator, model::Role::kService}, "import share positions");
  lock_cash(transaction, fund);
  if (positions.date > time::utc_date(who.now))
    base::refuse("date", positions.date.to_string() + " lies in the future");
  const std::string holders = holders_json(positions);
  const auto digest = crypto::sha256(holders);
  const base::Bytes hash(digest.begin(), digest.end());
  const auto last =
      db::query(transaction,
                "SELECT version, holders FROM share_position WHERE fund_id = $1 AND source = $2 "
                "AND as_of = $3 ORDER BY version DESC LIMIT 1",
                fund, positions.source, positions.date.to_string());
  if (!last.empty() && last[0]["holders"].as<std::string>() == holders) return std::nullopt;
  const int version = last.empty() ? 1 : last[0]["version"].as<int>() + 1;
  db::execute(transaction,
              "INSERT INTO share_position (fund_id, source, as_of, version, holders, holders_hash, "
              "imported_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund, positions.source, positions.date.to_string(), version, holders, hash, who.actor.id,
              who.now.ns());
  json::Writer body;
  body.begin_object().member("as_of", positions.date.to_string()).member("hash", base::to_hex(hash));
  body.member("shares", positions.total()).member("source", positions.source).member("version", version);
  announce_cash(transaction, fund, "share_positions_imported", body.end_object().take(), who);
  return version;
}

namespace {

std::optional<cash::SharePositions> positions_on(db::Transaction& transaction, const model::FundId& fund,
                                                 const char* source, time::Date date) {
  const auto rows = db::query(transaction,
                              "SELECT holders FROM share_position WHERE fund_id = $1 AND source = $2 AND "
                              "as_of = $3 ORDER BY version DESC LIMIT 1",
                              fund, source, date.to_string());
  if (rows.empty()) return std::nullopt;
  return positions_of(source, date, rows[0]["holders"].as<std::string>());
}

}  // namespace

std::optional<StoredShareComparison> load_share_comparison(db::Transaction& transaction,
                                                           const model::FundId& fund, time::Date as_of) {
  const auto last = db::query(
      transaction, "SELECT max(as_of) AS day FROM share_position WHERE fund_id = $1 AND as_of <= $2", fund,
      as_of.to_string());
  if (last[0]["day"].is_null()) return std::nullopt;
  StoredShareComparison stored;
  stored.date = last[0]["day"].as<time::Date>();
  const auto shares = [&](books::Basis basis) {
    const auto books = load_books(transaction, fund, {basis, stored.date, std::nullopt});
    return books ? books->shares.to_decimal(0) : Decimal{};
  };
  stored.ours.settled = shares(books::Basis::kSettled);
  stored.ours.unsettled = shares(books::Basis::kTradeDate) - stored.ours.settled;
  if (const auto parts = load_open_parts(transaction, fund, stored.date); !parts.empty()) {
    const auto splits = splits_of(load_acts(transaction, fund, time::Instant::latest()));
    for (const OrderPart& part : parts) {
      stored.open.push_back({part.order.value(), part.date, shares_of(part, splits, stored.date)});
      stored.ours.open += stored.open.back().shares;
    }
  }
  stored.comparison =
      cash::compare_shares(stored.ours, positions_on(transaction, fund, cash::kTransferAgent, stored.date),
                           positions_on(transaction, fund, cash::kDepository, stored.date));
  return stored;
}

namespace {

/// "20000 of C-1 (due 2026-03-17)" of each.
std::string open_shares_in_words(const StoredShareComparison& stored) {
  std::string text;
  for (const OpenShares& one : stored.open)
    text += (text.empty() ? "" : ", ") + grouped(one.shares.to_string()) + " of " + one.order + " (due " +
            one.due.to_string() + ")";
  return text;
}

}  // namespace

Check check_of_no_share_positions() {
  return {"share_register_against_agent", CheckStatus::kUnavailable,
          "no position file of the transfer agent or the depository was imported"};
}

Check check_shares(db::Transaction& transaction, const FundDefinition& fund, time::Date date) {
  Check check = check_of_no_share_positions();
  const auto stored = load_share_comparison(transaction, fund.id, date);
  if (!stored) return check;
  const time::Date due = fund.calendar().previous_business_day(date);
  if (stored->date < due) {
    check.detail = "the last position file is of " + stored->date.to_string() + ", that of " +
                   due.to_string() + " is missing";
    return check;
  }
  const cash::ShareComparison& found = stored->comparison;
  check.status = found.breaks.empty() ? CheckStatus::kPassed : CheckStatus::kFailed;
  check.detail =
      "on " + stored->date.to_string() + " the register has " + stored->ours.settled.to_string() + " settled";
  if (!stored->open.empty())
    check.detail +=
        ", not settled " + open_shares_in_words(*stored) + ", so " + stored->ours.expected().to_string();
  if (found.agent) check.detail += ", the transfer agent " + found.agent->to_string();
  if (found.depository) check.detail += ", the depository " + found.depository->to_string();
  for (const cash::ShareBreak& one : found.breaks)
    check.detail += "; " + one.between + " differ by " + one.difference().to_string() +
                    (one.detail.empty() ? "" : " (" + one.detail + ")");
  return check;
}

std::string shares_json(const model::FundId& fund, const StoredShareComparison& stored) {
  json::Writer out;
  const auto optional = [&](const char* name, const std::optional<Decimal>& shares) {
    out.key(name);
    if (shares)
      out.decimal(*shares);
    else
      out.null();
  };
  out.begin_object().member("fund", fund.value()).member("date", stored.date.to_string());
  out.member("settled", stored.ours.settled).member("unsettled", stored.ours.unsettled);
  out.key("open").begin_array();
  for (const OpenShares& one : stored.open) {
    out.begin_object().member("order", one.order).member("due", one.due.to_string());
    out.member("shares", one.shares).end_object();
  }
  out.end_array().member("expected", stored.ours.expected());
  optional("transfer_agent", stored.comparison.agent);
  optional("nominee", stored.comparison.nominee);
  optional("depository", stored.comparison.depository);
  out.member("agrees", stored.comparison.breaks.empty()).key("breaks").begin_array();
  for (const cash::ShareBreak& one : stored.comparison.breaks) {
    out.begin_object().member("between", one.between).member("ours", one.ours).member("theirs", one.theirs);
    out.member("difference", one.difference()).member("detail", one.detail).end_object();
  }
  return out.end_array().end_object().take();
}

std::string shares_table(const StoredShareComparison& stored) {
  const auto shown = [](const std::optional<Decimal>& shares) {
    return shares ? grouped(shares->to_string()) : std::string("no file");
  };
  std::string text = stored.date.to_string() + ": register " + grouped(stored.ours.settled.to_string()) +
                     " settled (" + grouped(stored.ours.unsettled.to_string()) + " on their way)" +
                     (stored.open.empty() ? ""
                                          : ", not settled " + open_shares_in_words(stored) + ", so " +
                                                grouped(stored.ours.expected().to_string())) +
                     ", transfer agent " + shown(stored.comparison.agent) + ", of it the nominee " +
                     shown(stored.comparison.nominee) + ", depository " +
                     shown(stored.comparison.depository) + ".\n";
  if (stored.comparison.breaks.empty()) return text + "No break.\n";
  using runtime::Align;
  runtime::Table table({{"break between"},
                        {"ours", Align::kRight},
                        {"theirs", Align::kRight},
                        {"difference", Align::kRight},
                        {"detail"}});
  for (const cash::ShareBreak& one : stored.comparison.breaks)
    table.row({one.between, grouped(one.ours.to_string()), grouped(one.theirs.to_string()),
               grouped(one.difference().to_string()), one.detail});
  return text + table.to_string();
}

}  // namespace navkeeper::nav
