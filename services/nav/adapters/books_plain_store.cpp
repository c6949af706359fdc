#include <algorithm>
#include <map>

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

std::string joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : ", ") + row;
  return text;
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
  std::vector<std::string> entry_rows;
  std::vector<std::string> posting_rows;
  std::vector<std::string> contents;
  std::map<std::pair<std::string, std::string>, Units> balances;
  std::map<std::pair<time::Date, std::string>, Units> results;  // by month and account
  std::int64_t seq = entries;
  for (const DraftToPost& draft : request.drafts) {
    ++seq;
    const policy::EntryDraft& entry = draft.entry;
    contents.push_back(content_of(draft));
    entry_rows.push_back(batch.row(fund, seq, request.source, entry.source_id, entry.trade_date.to_string(),
                                   entry.book_date.to_string(), entry.settlement_date.to_string(),
                                   request.known_at.ns(), request.actor.value(),
                                   draft.kind.empty() ? std::string("draft") : draft.kind, contents.back(),
                                   content_hash(contents.back())));
    std::int32_t line = 0;
    for (const books::Transfer& transfer : transfers_of(chart, commodities, draft)) {
      const books::Line& debit = chart.lines()[transfer.debit];
      const books::Line& credit = chart.lines()[transfer.credit];
      const std::string& commodity = chart.commodities()[debit.commodity].symbol;
      posting_rows.push_back(batch.row(fund, seq, line++, debit.account, credit.account, commodity,
                                       transfer.amount.to_decimal(0)));
      balances[{debit.account, commodity}] += transfer.amount;
      balances[{credit.account, commodity}] -= transfer.amount;
      const time::Date month = entry.book_date.start_of_month();
      if (counts_by_month(debit.account, commodity)) results[{month, debit.account}] += transfer.amount;
      if (counts_by_month(credit.account, commodity)) results[{month, credit.account}] -= transfer.amount;
    }
  }
  std::vector<std::string> changes;
  for (const auto& [key, change] : balances)
    changes.push_back(batch.row(key.first, key.second, change.to_decimal(0)));
  batch.raw("SET LOCAL enable_seqscan = off");  // as lock_books() has it
  // Balances that are there move; the others begin, with their accounts. As BooksBatch does it, and not by an
  // upsert: its checks would look at the change alone.
  batch.raw("WITH c (account, commodity, change) AS (VALUES " + joined(changes) +
            "), moved AS (UPDATE account_balance b SET amount = b.amount + c.change::numeric FROM c WHERE "
            "b.fund_id = " +
            batch.value(fund) +
            " AND b.account = c.account AND b.commodity = c.commodity RETURNING b.account, b.commodity), "
            "fresh AS (SELECT c.account, c.commodity, c.change FROM c LEFT JOIN moved m USING (account, "
            "commodity) WHERE m.account IS NULL), named AS (INSERT INTO account (fund_id, account) SELECT "
            "DISTINCT " +
            batch.value(fund) +
            ", account FROM fresh ON CONFLICT DO NOTHING) INSERT INTO account_balance (fund_id, account, "
            "commodity, amount) SELECT " +
            batch.value(fund) + ", account, commodity, change::numeric FROM fresh");
  batch.raw(
      "INSERT INTO entry (fund_id, seq, source, source_id, trade_date, book_date, settlement_date, "
      "known_at_ns, posted_by, kind, content, content_hash) VALUES " +
      joined(entry_rows));
  batch.raw("INSERT INTO posting (fund_id, seq, line, debit, credit, commodity, amount) VALUES " +
            joined(posting_rows));
  std::vector<std::string> result_rows;
  for (const auto& [key, change] : results)
    result_rows.push_back(batch.row(fund, key.first.to_string(), key.second, change.to_decimal(0)));
  if (!result_rows.empty())
    batch.raw("INSERT INTO result_by_month AS r (fund_id, month, account, amount) VALUES " +
              joined(result_rows) +
              " ON CONFLICT (fund_id, month, account) DO UPDATE SET amount = r.amount + EXCLUDED.amount");
  batch.add("UPDATE books_head SET entries = $2 WHERE fund_id = $1", fund, seq);
  return audit_of_entries(stamp, contents, entries + 1, seq);
}

}  // namespace navkeeper::nav
