#include "services/nav/adapters/books_views.h"

#include "common/json/write.h"
#include "common/runtime/table.h"

namespace navkeeper::nav {
namespace {

using books::Units;

constexpr auto kRight = runtime::Align::kRight;

std::string cents(Units amount) {
  return amount.to_decimal(books::kDollarDecimals).to_fixed(books::kDollarDecimals);
}

std::string cents(const std::optional<Units>& amount) { return amount ? cents(*amount) : "unpriced"; }

void view_members(json::Writer& out, const model::FundId& fund, const BooksView& view) {
  out.member("fund", fund.value()).member("basis", describe(view.basis));
  out.member("as_of", view.as_of.to_string()).key("known_at");
  if (view.known_at)
    out.string(view.known_at->to_string());
  else
    out.null();
}

void dollars(json::Writer& out, const char* key, const std::optional<Units>& amount) {
  out.key(key);
  if (amount)
    out.decimal(amount->to_decimal(books::kDollarDecimals));
  else
    out.null();
}

void balance(json::Writer& out, const char* key, const books::PeriodBalance& of, int decimals) {
  out.key(key).begin_object().member("quantity", of.quantity.to_decimal(decimals));
  dollars(out, "cost", of.cost);
  dollars(out, "value", of.value);
  out.end_object();
}

void amount(json::Writer& out, const books::PeriodAmount& of, int decimals) {
  out.begin_object().member("quantity", of.quantity.to_decimal(decimals));
  dollars(out, "cost", of.cost);
  dollars(out, "value", of.value);
  out.end_object();
}

void amounts(json::Writer& out, const char* key, const std::map<books::FlowCause, books::PeriodAmount>& of,
             int decimals) {
  out.key(key).begin_object();
  for (const auto& [cause, sum] : of) {
    out.key(describe(cause));
    amount(out, sum, decimals);
  }
  out.end_object();
}

void optional_date(json::Writer& out, const char* key, const std::optional<time::Date>& date) {
  out.key(key);
  if (date)
    out.string(date->to_string());
  else
    out.null();
}

}  // namespace

std::string lots_json(const model::FundId& fund, books::Book book, const BooksView& view,
                      const std::vector<StoredLot>& lots) {
  json::Writer out;
  out.begin_object().member("book", describe(book));
  view_members(out, fund, view);
  out.key("lots").begin_array();
  for (const StoredLot& stored : lots) {
    out.begin_object().member("asset", stored.asset);
    out.member("lot", static_cast<std::int64_t>(stored.number)).member("place", stored.place);
    out.member("acquired", stored.lot.acquired.to_string());
    out.member("quantity", stored.lot.quantity.to_decimal(stored.decimals));
    dollars(out, "cost", stored.lot.cost);
    out.end_object();
  }
  return out.end_array().end_object().take() + "\n";
}

std::string lots_table(const std::vector<StoredLot>& lots) {
  runtime::Table table(
      {{"asset"}, {"lot", kRight}, {"place"}, {"acquired"}, {"quantity", kRight}, {"cost", kRight}});
  for (const StoredLot& stored : lots)
    table.row({stored.asset, std::to_string(stored.number), stored.place, stored.lot.acquired.to_string(),
               stored.lot.quantity.to_decimal(stored.decimals).to_string(), cents(stored.lot.cost)});
  return table.to_string();
}

std::string rollforward_json(const model::FundId& fund, const PeriodView& view,
                             const StoredRollForward& rolls) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("book", describe(view.book));
  out.member("basis", describe(view.basis)).member("from", view.from.to_string());
  out.member("to", view.to.to_string()).key("known_at");
  if (view.known_at)
    out.string(view.known_at->to_string());
  else
    out.null();
  optional_date(out, "opening_nav", rolls.opening_nav);
  optional_date(out, "closing_nav", rolls.closing_nav);
  out.key("assets").begin_array();
  for (const books::AssetRollForward& roll : rolls.assets) {
    const int decimals = roll.asset.decimals;
    out.begin_object().member("asset", roll.asset.asset);
    balance(out, "opening", roll.opening, decimals);
    amounts(out, "additions", roll.additions, decimals);
    amounts(out, "disposals", roll.disposals, decimals);
    out.key("restated");
    amount(out, roll.restated, decimals);
    dollars(out, "realised", roll.realised);
    if (view.book == books::Book::kTax) dollars(out, "recognised", roll.recognised);
    dollars(out, "change_in_unrealised", roll.change_in_unrealised);
    balance(out, "closing", roll.closing, decimals);
    out.end_object();
  }
  return out.end_array().end_object().take() + "\n";
}

std::string rollforward_table(const model::FundId& fund, const PeriodView& view,
                              const StoredRollForward& rolls) {
  std::string text = "Roll-forward of " + fund.value() + ", " + std::string(describe(view.book)) +
                     " book, basis " + std::string(describe(view.basis)) + ", " + view.from.to_string() +
                     " to " + view.to.to_string() + "\n";
  for (const books::AssetRollForward& roll : rolls.assets) {
    const int decimals = roll.asset.decimals;
    const auto coins = [&](Units quantity) { return quantity.to_decimal(decimals).to_string(); };
    runtime::Table table({{roll.asset.asset}, {"quantity", kRight}, {"cost", kRight}, {"value", kRight}});
    table.row({"opening", coins(roll.opening.quantity), cents(roll.opening.cost), cents(roll.opening.value)});
    for (const auto& [cause, added] : roll.additions)
      table.row(
          {"+ " + std::string(describe(cause)), coins(added.quantity), cents(added.cost), cents(added.cost)});
    for (const auto& [cause, gone] : roll.disposals)
      table.row({"- " + std::string(describe(cause)), coins(-gone.quantity), cents(-gone.cost),
                 cents(-gone.value)});
    if (!roll.restated.quantity.is_zero() || !roll.restated.cost.is_zero())
      table.row(
          {"restated", coins(roll.restated.quantity), cents(roll.restated.cost), cents(roll.restated.cost)});
    table.row({"realised gain", "", "", cents(roll.realised)});
    if (view.book == books::Book::kTax) table.row({"  of it recognised", "", "", cents(roll.recognised)});
    table.row({"change in unrealised", "", "", cents(roll.change_in_unrealised)});
    table.row({"closing", coins(roll.closing.quantity), cents(roll.closing.cost), cents(roll.closing.value)});
    text += "\n" + table.to_string();
  }
  const auto valued = [](const std::optional<time::Date>& nav) { return nav ? nav->to_string() : "none"; };
  return text + "\nPrices of the NAVs of " + valued(rolls.opening_nav) + " (opening) and " +
         valued(rolls.closing_nav) + " (closing).\n";
}

std::string journal_json(const model::FundId& fund, const BooksView& view, const JournalPage& page) {
  json::Writer out;
  out.begin_object();
  view_members(out, fund, view);
  out.key("entries").begin_array();
  for (const JournalEntry& stored : page.entries) {
    const books::Entry& entry = stored.entry;
    out.begin_object().member("seq", stored.seq).member("source", entry.source.name);
    out.member("id", entry.source.id).member("kind", entry.description);
    out.member("trade_date", entry.trade_date.to_string()).member("book_date", entry.book_date.to_string());
    out.member("settlement_date", entry.settlement_date.to_string());
    out.member("known_at", entry.known_at.to_string()).member("posted_by", stored.posted_by).key("reverses");
    if (stored.reverses)
      out.integer(*stored.reverses);
    else
      out.null();
    out.key("postings").begin_array();
    for (std::size_t i = 0; i + 1 < entry.postings.size(); i += 2) {
      const books::Line& debit = page.chart.lines()[entry.postings[i].line];
      const books::Line& credit = page.chart.lines()[entry.postings[i + 1].line];
      const books::Commodity& commodity = page.chart.commodities()[debit.commodity];
      out.begin_object().member("debit", debit.account).member("credit", credit.account);
      out.member("commodity", commodity.symbol);
      out.member("amount", entry.postings[i].amount.to_decimal(commodity.decimals)).end_object();
    }
    out.end_array().end_object();
  }
  out.end_array().key("next_cursor");
  if (page.has_more)
    out.string(std::to_string(page.entries.back().seq));
  else
    out.null();
  return out.end_object().take() + "\n";
}

std::string journal_table(const JournalPage& page) {
  runtime::Table table({{"seq", kRight},
                        {"trade date"},
                        {"book date"},
                        {"settles"},
                        {"entry"},
                        {"debit"},
                        {"credit"},
                        {"amount", kRight},
                        {""}});
  for (const JournalEntry& stored : page.entries) {
    const books::Entry& entry = stored.entry;
    std::vector<std::string> first{
        std::to_string(stored.seq), entry.trade_date.to_string(), entry.book_date.to_string(),
        entry.settlement_date.to_string(),
        entry.description + " (" + entry.source.name + ":" + entry.source.id + ")"};
    if (entry.postings.empty()) {
      first.insert(first.end(), {"", "", "", ""});
      table.row(first);
    }
    for (std::size_t i = 0; i + 1 < entry.postings.size(); i += 2) {
      const books::Line& debit = page.chart.lines()[entry.postings[i].line];
      const books::Commodity& commodity = page.chart.commodities()[debit.commodity];
      std::vector<std::string> row = i == 0 ? first : std::vector<std::string>(5);
      row.insert(row.end(),
                 {debit.account, page.chart.lines()[entry.postings[i + 1].line].account,
                  entry.postings[i].amount.to_decimal(commodity.decimals).to_string(), commodity.symbol});
      table.row(row);
    }
  }
  std::string text = table.to_string();
  if (page.has_more) text += "\nMore with --after " + std::to_string(page.entries.back().seq) + "\n";
  return text;
}

std::string periods_json(const model::FundId& fund, const Periods& periods) {
  json::Writer out;
  out.begin_object().member("fund", fund.value());
  optional_date(out, "closed_through", periods.closed_through);
  out.key("reopenings").begin_array();
  for (const Reopening& one : periods.reopenings) {
    out.begin_object().member("number", one.number).member("from", one.from.to_string());
    out.member("reason", one.reason).member("asked_by", one.asked_by).key("approved_by");
    if (one.approved_by)
      out.string(*one.approved_by);
    else
      out.null();
    out.end_object();
  }
  return out.end_array().end_object().take() + "\n";
}

std::string periods_table(const model::FundId& fund, const Periods& periods) {
  std::string text =
      "The books of " + fund.value() + " are " +
      (periods.closed_through ? "closed through " + periods.closed_through->to_string() : "open") + ".\n";
  if (periods.reopenings.empty()) return text;
  runtime::Table table({{"reopening", kRight}, {"from"}, {"asked by"}, {"approved by"}, {"reason"}});
  for (const Reopening& one : periods.reopenings)
    table.row({std::to_string(one.number), one.from.to_string(), one.asked_by,
               one.approved_by.value_or("not yet"), one.reason});
  return text + "\n" + table.to_string();
}

}  // namespace navkeeper::nav
