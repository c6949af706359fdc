#include <algorithm>
#include <map>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/write_batch.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/books_plain.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav {
namespace {

using books::Units;

/// The draft's postings as transfers between lines of the chart.
std::vector<books::Transfer> transfers_of(books::Chart& chart,
                                          const std::map<std::string, books::CommodityIndex>& commodities,
                                          const DraftToPost& draft) {
  ENSURE(policy::balances(draft.entry));
  std::vector<books::Posting> postings;
  for (const policy::DraftPosting& one : draft.entry.postings) {
    const auto commodity = commodities.find(one.commodity);
    ENSURE(commodity != commodities.end() && books::is_account(one.account));
    const auto units = Units::from(one.amount, chart.commodities()[commodity->second].decimals);
    if (!units)
      base::refuse("entry '" + draft.entry.source_id + "'",
                   one.amount.to_string() + " " + one.commodity + " is no whole number of its smallest unit");
    postings.push_back({chart.line(one.account, commodity->second), *units});
  }
  return books::to_transfers(chart, postings);
}

using ByAccount = std::map<std::pair<std::string, std::string>, Units>;  ///< account and commodity
using ByMonth = std::map<std::pair<time::Date, std::string>, Units>;     ///< month and account

std::string units_text(const Units& units) { return units.to_decimal(0).to_string(); }

/// Rows of `entry`, a column an array.
class EntryRows {
 public:
  void add(std::int64_t seq, const DraftToPost& draft, const std::string& content) {
    seqs_.add(seq);
    source_ids_.add(draft.entry.source_id);
    trade_dates_.add(draft.entry.trade_date.to_string());
    book_dates_.add(draft.entry.book_date.to_string());
    settlement_dates_.add(draft.entry.settlement_date.to_string());
    kinds_.add(draft.kind.empty() ? "draft" : draft.kind);
    contents_.add(content);
    hashes_.add("\\x" + base::to_hex(content_hash(content)));
  }
  void insert(db::WriteBatch& batch, const std::string& fund, const PostRequest& request) const {
    batch.add(
        "INSERT INTO entry (fund_id, source, known_at_ns, posted_by, seq, source_id, trade_date, book_date, "
        "settlement_date, kind, content, content_hash) SELECT $1, $2, $3::bigint, $4, e.* FROM unnest("
        "$5::bigint[], $6::text[], $7::date[], $8::date[], $9::date[], $10::text[], $11::text[], "
        "$12::bytea[]) AS e",
        fund, request.source, request.known_at.ns(), request.actor, seqs_.text(), source_ids_.text(),
        trade_dates_.text(), book_dates_.text(), settlement_dates_.text(), kinds_.text(), contents_.text(),
        hashes_.text());
  }

 private:
  db::ArrayText seqs_, source_ids_, trade_dates_, book_dates_, settlement_dates_, kinds_, contents_, hashes_;
};

/// Rows of `posting` likewise.
class PostingRows {
 public:
  void add(std::int64_t seq, std::int32_t line, const std::string& debit, const std::string& credit,
           const std::string& commodity, const Units& amount) {
    seqs_.add(seq);
    lines_.add(line);
    debits_.add(debit);
    credits_.add(credit);
    commodities_.add(commodity);
    amounts_.add(units_text(amount));
  }
  void insert(db::WriteBatch& batch, const std::string& fund) const {
    batch.add(
        "INSERT INTO posting (fund_id, seq, line, debit, credit, commodity, amount) SELECT $1, p.* FROM "
        "unnest($2::bigint[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::numeric[]) AS p",
        fund, seqs_.text(), lines_.text(), debits_.text(), credits_.text(), commodities_.text(),
        amounts_.text());
  }

 private:
  db::ArrayText seqs_, lines_, debits_, credits_, commodities_, amounts_;
};

/// Balances that are there move; the others begin, with their accounts. As BooksBatch does it, and not by an
/// upsert: its checks would look at the change alone.
void move_balances(db::WriteBatch& batch, const std::string& fund, const ByAccount& balances) {
  db::ArrayText accounts, commodities, changes;
  for (const auto& [key, change] : balances) {
    accounts.add(key.first);
    commodities.add(key.second);
    changes.add(units_text(change));
  }
  batch.add(
      "WITH c AS (SELECT * FROM unnest($2::text[], $3::text[], $4::numeric[]) AS c (account, commodity, "
      "change)), moved AS (UPDATE account_balance b SET amount = b.amount + c.change FROM c WHERE b.fund_id "
      "= $1 AND b.account = c.account AND b.commodity = c.commodity RETURNING b.account, b.commodity), fresh "
      "AS (SELECT c.account, c.commodity, c.change FROM c LEFT JOIN moved m USING (account, commodity) WHERE "
      "m.account IS NULL), named AS (INSERT INTO account (fund_id, account) SELECT DISTINCT $1, account FROM "
      "fresh ON CONFLICT DO NOTHING) INSERT INTO account_balance (fund_id, account, commodity, amount) "
      "SELECT $1, account, commodity, change FROM fresh",
      fund, accounts.text(), commodities.text(), changes.text());
}

void move_results(db::WriteBatch& batch, const std::string& fund, const ByMonth& results) {
  if (results.empty()) return;
  db::ArrayText months, accounts, changes;
  for (const auto& [key, change] : results) {
    months.add(key.first.to_string());
    accounts.add(key.second);
    changes.add(units_text(change));
  }
  batch.add(
      "INSERT INTO result_by_month AS r (fund_id, month, account, amount) SELECT $1, c.* FROM unnest("
      "$2::date[], $3::text[], $4::numeric[]) AS c ON CONFLICT (fund_id, month, account) DO UPDATE SET "
      "amount = r.amount + EXCLUDED.amount",
      fund, months.text(), accounts.text(), changes.text());
}

}  // namespace

bool are_plain(std::span<const DraftToPost> drafts) {
  return std::all_of(drafts.begin(), drafts.end(), [](const DraftToPost& draft) {
    const bool has_lots = !draft.receipts.empty() || !draft.deliveries.empty() || !draft.adjustments.empty();
    const bool has_assets =
        std::any_of(draft.entry.postings.begin(), draft.entry.postings.end(),
                    [](const policy::DraftPosting& one) { return one.account.starts_with("Assets:"); });
    return !has_lots && !has_assets && !draft.split && draft.shares_change.is_zero() &&
           !draft.entry.postings.empty();
  });
}

db::AuditRecord add_plain(db::WriteBatch& batch, const PostRequest& request, std::int64_t entries,
                          std::span<const books::AssetDefinition> assets) {
  ENSURE(!request.drafts.empty() && entries > 0 && are_plain(request.drafts));
  books::Chart chart;
  std::map<std::string, books::CommodityIndex> commodities{{"USD", books::kDollars}};
  for (const books::AssetDefinition& asset : assets)
    commodities.emplace(asset.asset, chart.add_commodity(asset.asset, asset.decimals));
  const std::string fund = request.fund.value();
  const Stamp stamp{request.actor, request.known_at};
  std::vector<std::string> contents;
  EntryRows entry_rows;
  PostingRows posting_rows;
  ByAccount balances;
  ByMonth results;
  std::int64_t seq = entries;
  for (const DraftToPost& draft : request.drafts) {
    const policy::EntryDraft& entry = draft.entry;
    contents.push_back(content_of(draft));
    entry_rows.add(++seq, draft, contents.back());
    std::int32_t line = 0;
    for (const books::Transfer& transfer : transfers_of(chart, commodities, draft)) {
      const books::Line& debit = chart.lines()[transfer.debit];
      const books::Line& credit = chart.lines()[transfer.credit];
      const std::string& commodity = chart.commodities()[debit.commodity].symbol;
      posting_rows.add(seq, line++, debit.account, credit.account, commodity, transfer.amount);
      balances[{debit.account, commodity}] += transfer.amount;
      balances[{credit.account, commodity}] -= transfer.amount;
      const time::Date month = entry.book_date.start_of_month();
      if (counts_by_month(debit.account, commodity)) results[{month, debit.account}] += transfer.amount;
      if (counts_by_month(credit.account, commodity)) results[{month, credit.account}] -= transfer.amount;
    }
  }
  move_balances(batch, fund, balances);
  entry_rows.insert(batch, fund, request);
  posting_rows.insert(batch, fund);
  move_results(batch, fund, results);
  batch.add("UPDATE books_head SET entries = $2, known_at_ns = $3 WHERE fund_id = $1", fund, seq,
            request.known_at.ns());
  return audit_of_entries(stamp, contents, entries + 1, seq);
}

}  // namespace navkeeper::nav
