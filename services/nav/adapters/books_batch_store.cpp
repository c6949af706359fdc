#include <algorithm>
#include <bit>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/known_time.h"

// Writing one batch of entries.
namespace navkeeper::nav {
namespace {

using books::Units;

money::Decimal number(Units units) { return units.to_decimal(0); }

/// A batch may have two hundred thousand events; none of its statements has more rows than this, so that each
/// stays far below the time that a statement is given.
constexpr std::size_t kRowsPerStatement = 2'000;

/// From here on the planner is told what the tables have become (sql/nav/0023, 0026): after a file of so
/// many, and whenever a journal of so many has doubled.
constexpr std::int64_t kAnalyzedFrom = 5'000;

bool is_analyzed(std::int64_t before, std::int64_t after) {
  if (after < kAnalyzedFrom) return false;
  const auto doublings = [](std::int64_t count) { return std::bit_width(static_cast<std::uint64_t>(count)); };
  return after - before >= kAnalyzedFrom || before < kAnalyzedFrom || doublings(before) < doublings(after);
}

/// COPY of all the rows; `write` appends the values of one.
template <class Row, class Write>
void copy_in_parts(db::Transaction& transaction, std::string_view table,
                   const std::vector<std::string>& columns, const std::vector<Row>& rows,
                   const Write& write) {
  for (std::size_t begin = 0; begin < rows.size(); begin += kRowsPerStatement) {
    db::CopyWriter copy(transaction, table, columns);
    const std::size_t end = std::min(begin + kRowsPerStatement, rows.size());
    for (std::size_t i = begin; i < end; ++i) {
      write(copy, rows[i]);
      copy.end_row();
    }
    copy.finish();
  }
}

/// COPY takes a date as its days since 2000-01-01.
std::int32_t copied_date(time::Date date) {
  static const time::Date kEpoch = time::Date::literal("2000-01-01");
  return static_cast<std::int32_t>(date - kEpoch);
}

/// What a check of the database says in the words of a rule; nothing for a constraint that no input can
/// break.
std::string rule_of(const std::string& constraint) {
  if (constraint == "nothing_held_below_zero") return "an account of assets would fall below zero";
  if (constraint == "no_fee_paid_beyond_what_is_payable")
    return "more of a fee would be paid than is payable";
  if (constraint == "entry_in_closed_period") return "the book date lies in a closed period";
  if (constraint == "no_reversal_of_a_reversal")
    return "a reversal is not reversed: the entry is posted anew";
  if (constraint == "books_head_shares_check") return "more shares would be redeemed than exist";
  if (constraint == "entry_fund_id_reverses_key") return "the entry was reversed before";
  if (constraint == "identified_before_the_disposal")
    return "lots were identified after the disposal: an identification is recorded before it";
  const bool is_lot = constraint.starts_with("lot_") || constraint.starts_with("tax_lot_") ||
                      constraint == "no_cost_without_coins" || constraint == "no_tax_cost_without_coins";
  return is_lot ? "what a lot brought has gone since" : "";
}

/// Changes of lots, added to the rows that are there; the others are inserted. `row` writes a change, an
/// array. Not INSERT ... ON CONFLICT: its checks would look at the change alone, which may well be negative.
template <class Changes, class Row>
void add_to_lots(db::Transaction& transaction, const std::string& fund, const Changes& changes, Row&& row,
                 const char* update, const char* insert) {
  for (auto at = changes.begin(); at != changes.end();) {
    json::Writer rows;
    rows.begin_array();
    std::size_t count = 0;
    for (; at != changes.end() && count < kRowsPerStatement; ++at, ++count) row(rows, at->first, at->second);
    const std::string text = rows.end_array().take();
    if (db::execute(transaction, update, fund, text) < count) db::execute(transaction, insert, fund, text);
  }
}

}  // namespace

void refuse_constraint(const std::string& fund, const db::ConstraintViolation& violation) {
  const std::string rule = rule_of(violation.constraint);
  if (rule.empty()) throw violation;
  base::refuse(fund, rule + " (" + violation.constraint + ")");
}

base::Bytes content_hash(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

BooksBatch::BooksBatch(db::Transaction& transaction, const model::FundId& fund, const BooksHead& head,
                       const Stamp& stamp)
    : transaction_(transaction),
      fund_(fund.value()),
      head_(head),
      stamp_{stamp.actor, known_time(transaction, fund, stamp.known_at)} {}

void BooksBatch::add(const books::Chart& chart, const books::PostedEvent& posted, const std::string& kind,
                     const std::string& content, std::span<const UsedIdentification> used) {
  add_row(chart, posted, kind, content, std::nullopt);
  const std::int64_t seq = entries_.back().seq;
  if (posted.split) splits_.push_back({seq, *posted.split, false});
  for (const UsedIdentification& use : used) uses_.push_back({seq, use});
}

void BooksBatch::add_reversal(const books::Chart& chart, const books::PostedEvent& reversed,
                              const std::string& content, std::int64_t seq) {
  add_row(chart, reversed, reversed.applied.entry.description, content, seq);
  if (reversed.split) splits_.push_back({entries_.back().seq, *reversed.split, true});
}

void BooksBatch::add_row(const books::Chart& chart, const books::PostedEvent& posted, const std::string& kind,
                         const std::string& content, std::optional<std::int64_t> reverses) {
  const books::Entry& entry = posted.applied.entry;
  const std::int64_t seq = head_.entries + static_cast<std::int64_t>(entries_.size()) + 1;
  entries_.push_back(
      {seq, entry.source, entry.trade_date, entry.book_date, entry.settlement_date, kind, content, reverses});
  std::int32_t line = 0;
  for (const books::Transfer& transfer : books::to_transfers(chart, entry.postings)) {
    const books::Line& debit = chart.lines()[transfer.debit];
    const books::Line& credit = chart.lines()[transfer.credit];
    const std::string& commodity = chart.commodities()[debit.commodity].symbol;
    postings_.push_back({seq, line++, debit.account, credit.account, commodity, transfer.amount});
    balances_[{debit.account, commodity}] += transfer.amount;
    balances_[{credit.account, commodity}] -= transfer.amount;
    const time::Date month = entry.book_date.start_of_month();
    if (counts_by_month(debit.account, commodity)) results_[{month, debit.account}] += transfer.amount;
    if (counts_by_month(credit.account, commodity)) results_[{month, credit.account}] -= transfer.amount;
  }
  const auto sum = [](std::map<LotKey, books::Lot>& lots, LotKey key, const books::LotMovement& movement,
                      time::Date acquired) {
    books::Lot& total = lots.try_emplace(std::move(key), books::Lot{{}, {}, acquired}).first->second;
    total.quantity += movement.quantity;
    total.cost += movement.cost;
  };
  line = 0;
  for (const books::LotChange& change : posted.applied.lots) {
    const std::string& asset = chart.commodities()[change.asset].symbol;
    movements_.push_back({seq, line++, asset, "", change.movement});
    sum(lots_, {asset, "", change.movement.lot}, change.movement, change.acquired);
  }
  line = 0;
  for (const books::TaxLotChange& change : posted.tax.lots) {
    const std::string& asset = chart.commodities()[change.asset].symbol;
    tax_movements_.push_back({seq, line++, asset, change.account, change.movement});
    sum(tax_lots_, {asset, change.account, change.movement.lot}, change.movement, change.acquired);
  }
  line = 0;
  for (const books::CoinFlow& flow : posted.applied.flows)
    flows_.push_back({seq, line++, books::Book::kGaap, chart.commodities()[flow.asset].symbol,
                      flow.place.account, flow.cause, flow.quantity, flow.cost, flow.value, true});
  line = 0;
  for (const books::TaxFlow& taxed : posted.tax.flows)
    flows_.push_back({seq, line++, books::Book::kTax, chart.commodities()[taxed.flow.asset].symbol,
                      taxed.flow.place.account, taxed.flow.cause, taxed.flow.quantity, taxed.flow.cost,
                      taxed.flow.value, taxed.is_recognised});
  if (!posted.applied.shares_change.is_zero()) share_changes_.emplace_back(seq, posted.applied.shares_change);
  head_.shares += posted.applied.shares_change;
}

PostReport BooksBatch::write(std::size_t unchanged) {
  PostReport report;
  report.unchanged = unchanged;
  report.posted = entries_.size();
  if (entries_.empty()) return report;
  report.first_seq = entries_.front().seq;
  report.last_seq = entries_.back().seq;
  try {
    write_accounts();
    write_entries();
    write_postings();
    write_lots();
    write_tax_lots();
    write_flows();
    write_shares();
    write_balances();
    write_results();
    write_uses();
    db::execute(transaction_, "UPDATE books_head SET entries = $2, shares = $3 WHERE fund_id = $1", fund_,
                report.last_seq, number(head_.shares));
  } catch (const db::ConstraintViolation& violation) {
    refuse_constraint(fund_, violation);
  }
  if (is_analyzed(head_.entries, report.last_seq)) db::query(transaction_, "SELECT analyze_books()");
  audit(report);
  return report;
}

void BooksBatch::write_accounts() {
  std::set<std::string> accounts;
  for (const auto& [key, amount] : balances_) accounts.insert(key.first);
  json::Writer rows;
  rows.begin_array();
  for (const std::string& account : accounts) rows.string(account);
  rows.end_array();
  db::execute(transaction_,
              "INSERT INTO account (fund_id, account) SELECT $1, jsonb_array_elements_text($2::jsonb) "
              "ON CONFLICT DO NOTHING",
              fund_, rows.take());
}

void BooksBatch::write_entries() {
  copy_in_parts(transaction_, "entry",
                {"fund_id", "seq", "source", "source_id", "trade_date", "book_date", "settlement_date",
                 "known_at_ns", "posted_by", "kind", "content", "content_hash", "reverses"},
                entries_, [&](db::CopyWriter& copy, const EntryRow& row) {
                  copy.text(fund_).int64(row.seq).text(row.source.name).text(row.source.id);
                  copy.int32(copied_date(row.trade_date))
                      .int32(copied_date(row.book_date))
                      .int32(copied_date(row.settlement_date));
                  copy.int64(stamp_.known_at.ns()).text(stamp_.actor.value()).text(row.kind);
                  copy.text(row.content).bytes(content_hash(row.content));
                  if (row.reverses)
                    copy.int64(*row.reverses);
                  else
                    copy.null();
                });
}

void BooksBatch::write_postings() {
  copy_in_parts(transaction_, "posting", {"fund_id", "seq", "line", "debit", "credit", "commodity", "amount"},
                postings_, [&](db::CopyWriter& copy, const PostingRow& row) {
                  copy.text(fund_).int64(row.seq).int32(row.line).text(row.debit).text(row.credit);
                  copy.text(row.commodity).numeric(row.amount.count());
                });
}

void BooksBatch::write_lots() {
  add_to_lots(
      transaction_, fund_, lots_,
      [](json::Writer& rows, const auto& key, const auto& change) {
        rows.begin_array().string(key.asset).integer(static_cast<std::int64_t>(key.lot));
        rows.decimal(number(change.quantity)).decimal(number(change.cost));
        rows.string(change.acquired.to_string()).end_array();
      },
      "UPDATE lot SET quantity = quantity + (c->>2)::numeric, cost = cost + (c->>3)::numeric "
      "FROM jsonb_array_elements($2::jsonb) AS c "
      "WHERE fund_id = $1 AND asset = c->>0 AND lot = (c->>1)::bigint",
      "INSERT INTO lot (fund_id, asset, lot, quantity, cost, acquired) "
      "SELECT $1, c->>0, (c->>1)::bigint, (c->>2)::numeric, (c->>3)::numeric, (c->>4)::date "
      "FROM jsonb_array_elements($2::jsonb) AS c WHERE NOT EXISTS (SELECT FROM lot "
      "WHERE fund_id = $1 AND asset = c->>0 AND lot = (c->>1)::bigint OFFSET 0)");
  copy_in_parts(transaction_, "lot_movement", {"fund_id", "seq", "line", "asset", "lot", "quantity", "cost"},
                movements_, [&](db::CopyWriter& copy, const MovementRow& row) {
                  copy.text(fund_).int64(row.seq).int32(row.line).text(row.asset);
                  copy.int64(static_cast<std::int64_t>(row.movement.lot));
                  copy.numeric(row.movement.quantity.count()).numeric(row.movement.cost.count());
                });
}

void BooksBatch::write_tax_lots() {
  add_to_lots(
      transaction_, fund_, tax_lots_,
      [](json::Writer& rows, const auto& key, const auto& change) {
        rows.begin_array().string(key.asset).integer(static_cast<std::int64_t>(key.lot)).string(key.place);
        rows.decimal(number(change.quantity)).decimal(number(change.cost));
        rows.string(change.acquired.to_string()).end_array();
      },
      "UPDATE tax_lot SET quantity = quantity + (c->>3)::numeric, cost = cost + (c->>4)::numeric "
      "FROM jsonb_array_elements($2::jsonb) AS c "
      "WHERE fund_id = $1 AND asset = c->>0 AND lot = (c->>1)::bigint AND place = c->>2",
      "INSERT INTO tax_lot (fund_id, asset, lot, place, quantity, cost, acquired) "
      "SELECT $1, c->>0, (c->>1)::bigint, c->>2, (c->>3)::numeric, (c->>4)::numeric, (c->>5)::date "
      "FROM jsonb_array_elements($2::jsonb) AS c WHERE NOT EXISTS (SELECT FROM tax_lot "
      "WHERE fund_id = $1 AND asset = c->>0 AND lot = (c->>1)::bigint AND place = c->>2 OFFSET 0)");
  copy_in_parts(transaction_, "tax_lot_movement",
                {"fund_id", "seq", "line", "asset", "lot", "place", "quantity", "cost"}, tax_movements_,
                [&](db::CopyWriter& copy, const MovementRow& row) {
                  copy.text(fund_).int64(row.seq).int32(row.line).text(row.asset);
                  copy.int64(static_cast<std::int64_t>(row.movement.lot)).text(row.place);
                  copy.numeric(row.movement.quantity.count()).numeric(row.movement.cost.count());
                });
}

void BooksBatch::write_flows() {
  copy_in_parts(transaction_, "coin_flow",
                {"fund_id", "seq", "book", "line", "asset", "place", "cause", "quantity", "cost", "value",
                 "is_recognised"},
                flows_, [&](db::CopyWriter& copy, const FlowRow& row) {
                  copy.text(fund_).int64(row.seq).text(describe(row.book)).int32(row.line).text(row.asset);
                  copy.text(row.place).text(describe(row.cause)).numeric(row.quantity.count());
                  copy.numeric(row.cost.count()).numeric(row.value.count()).boolean(row.is_recognised);
                });
}

void BooksBatch::write_shares() {
  copy_in_parts(transaction_, "share_change", {"fund_id", "seq", "change"}, share_changes_,
                [&](db::CopyWriter& copy, const auto& row) {
                  copy.text(fund_).int64(row.first).numeric(row.second.count());
                });
  for (const SplitRow& split : splits_)
    db::execute(
        transaction_,
        "INSERT INTO share_split (fund_id, seq, ratio, for_shares, is_inverse) VALUES ($1, $2, $3, $4, $5)",
        fund_, split.seq, split.split.ratio, split.split.for_shares, split.is_inverse);
}

void BooksBatch::write_uses() {
  for (const auto& [seq, use] : uses_)
    db::execute(transaction_,
                "INSERT INTO lot_identification_use (fund_id, seq, source, source_id, book, asset, "
                "recorded_at_ns, disposed_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund_, seq, use.source.name, use.source.id, describe(use.book), use.asset,
                use.recorded_at.ns(), use.disposed_at.ns());
}

void BooksBatch::write_balances() {
  json::Writer rows;
  rows.begin_array();
  for (const auto& [key, change] : balances_)
    rows.begin_array().string(key.first).string(key.second).decimal(number(change)).end_array();
  rows.end_array();
  const std::string changes = rows.take();
  // As with the lots.
  const std::size_t changed = db::execute(transaction_,
                                          "UPDATE account_balance SET amount = amount + (c->>2)::numeric "
                                          "FROM jsonb_array_elements($2::jsonb) AS c "
                                          "WHERE fund_id = $1 AND account = c->>0 AND commodity = c->>1",
                                          fund_, changes);
  if (changed < balances_.size())
    db::execute(transaction_,
                "INSERT INTO account_balance (fund_id, account, commodity, amount) "
                "SELECT $1, c->>0, c->>1, (c->>2)::numeric FROM jsonb_array_elements($2::jsonb) AS c "
                "WHERE NOT EXISTS (SELECT FROM account_balance "
                "WHERE fund_id = $1 AND account = c->>0 AND commodity = c->>1)",
                fund_, changes);
}

void BooksBatch::write_results() {
  if (results_.empty()) return;
  json::Writer rows;
  rows.begin_array();
  for (const auto& [key, change] : results_)
    rows.begin_array().string(key.first.to_string()).string(key.second).decimal(number(change)).end_array();
  rows.end_array();
  db::execute(transaction_,
              "INSERT INTO result_by_month AS r (fund_id, month, account, amount) "
              "SELECT $1, (c->>0)::date, c->>1, (c->>2)::numeric FROM jsonb_array_elements($2::jsonb) AS c "
              "ON CONFLICT (fund_id, month, account) DO UPDATE SET amount = r.amount + EXCLUDED.amount",
              fund_, rows.take());
}

db::AuditRecord audit_of_entries(const Stamp& stamp, std::span<const std::string> contents,
                                 std::int64_t first_seq, std::int64_t last_seq) {
  crypto::Sha256 hash;
  for (const std::string& content : contents) hash.update(content_hash(content));
  const auto digest = hash.finish();
  json::Writer payload;
  payload.begin_object();
  payload.member("contents_sha256", base::to_hex(digest));
  payload.member("first_seq", first_seq).member("last_seq", last_seq);
  payload.end_object();
  return {stamp.actor.value(), stamp.known_at.ns(), "books.posted", payload.take()};
}

void BooksBatch::audit(const PostReport& report) {
  std::vector<std::string> contents;
  for (const EntryRow& row : entries_) contents.push_back(row.content);
  db::append_audit(transaction_, fund_,
                   audit_of_entries(stamp_, contents, report.first_seq, report.last_seq));
}

}  // namespace navkeeper::nav
