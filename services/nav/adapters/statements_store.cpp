#include "services/nav/adapters/statements_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/books_periods.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/domain/policy/income_recognition.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rational;
using statements::StatementInput;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr std::string_view kAssets = "Assets:";

bool begins(const std::string& account, std::string_view part) { return account.rfind(part, 0) == 0; }

std::optional<Decimal> price_in(const NavSummary* nav, const std::string& asset) {
  if (nav == nullptr) return std::nullopt;
  for (const NavPosition& position : nav->positions) {
    if (position.asset == asset) return position.price;
  }
  return std::nullopt;
}

/// Coins of a fork that no market prices are held at zero (POLICY.md): the definition does not name them.
std::optional<Decimal> price_of(const FundDefinition& fund, const NavSummary* nav, const std::string& asset) {
  const bool is_named = std::any_of(fund.assets.begin(), fund.assets.end(),
                                    [&](const FundAsset& one) { return one.asset.value() == asset; });
  return is_named ? price_in(nav, asset) : Decimal{};
}

/// Conversion accounts whose dollars are the cost of coins held or to be received.
bool is_cost_account(const StoredBooks& books, const std::string& account) {
  return std::any_of(books.assets.begin(), books.assets.end(), [&](const books::AssetDefinition& one) {
    return account == policy::coin_conversion(one.asset) ||
           account == policy::receivable_conversion(one.asset);
  });
}

statements::LedgerView view_of(const FundDefinition& fund, const StoredBooks& books, const NavSummary* nav) {
  statements::LedgerView view;
  view.shares = books.shares.to_decimal(0);
  for (const books::AssetDefinition& asset : books.assets)
    view.coins.push_back({asset.asset, {}, {}, price_of(fund, nav, asset.asset)});
  for (const StoredBalance& balance : books.balances) {
    const Decimal amount = balance.balance.to_decimal(balance.decimals);
    const auto coin =
        std::find_if(view.coins.begin(), view.coins.end(),
                     [&](const statements::CoinHolding& one) { return one.asset == balance.commodity; });
    if (coin != view.coins.end()) {
      if (begins(balance.account, kAssets)) coin->quantity += amount;
    } else if (!is_cost_account(books, balance.account)) {
      view.dollars.emplace(balance.account, amount);
    }
  }
  for (statements::CoinHolding& coin : view.coins)
    coin.cost = (books.balance(policy::coin_conversion(coin.asset), "USD") +
                 books.balance(policy::receivable_conversion(coin.asset), "USD"))
                    .to_decimal(books::kDollarDecimals);
  return view;
}

std::string known(const StatementsPeriod& period) {
  return std::to_string(period.known_at.value_or(time::Instant::latest()).ns());
}

std::vector<statements::UnsettledCash> unsettled_in(db::Transaction& transaction, const model::FundId& fund,
                                                    const StatementsPeriod& period) {
  std::vector<statements::UnsettledCash> found;
  for (const auto& row : db::query(
           transaction,
           "SELECT coalesce(o.kind, e.kind) AS kind, sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount "
           "ELSE -p.amount END) AS cents FROM entry e JOIN posting p USING (fund_id, seq) "
           "LEFT JOIN entry o ON o.fund_id = e.fund_id AND o.seq = e.reverses "
           "WHERE e.fund_id = $1 AND e.settlement_date > $2 AND e.known_at_ns <= $3 AND " +
               statement_date("$3") +
               " <= $2 AND p.commodity = 'USD' AND 'Assets:Cash' IN (p.debit, p.credit) "
               "GROUP BY coalesce(o.kind, e.kind) ORDER BY 1",
           fund, period.to.to_string(), known(period)))
    found.push_back(
        {row["kind"].as<std::string>(), row["cents"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals)});
  return found;
}

/// Entries that the NAV of `nav_date` does not have, with what they do to net assets at its prices.
std::vector<statements::BookedLater> booked_later(db::Transaction& transaction, const FundDefinition& fund,
                                                  const StoredBooks& books, const NavSummary& nav,
                                                  const StatementsPeriod& period) {
  std::vector<statements::BookedLater> found;
  std::int64_t last = 0;
  for (const auto& row : db::query(
           transaction,
           "SELECT e.seq, e.source, e.source_id, e.kind, side.account, p.commodity, c.decimals, "
           "sum(side.amount) AS amount FROM entry e JOIN posting p USING (fund_id, seq) "
           "JOIN commodity c ON c.fund_id = e.fund_id AND c.commodity = p.commodity "
           "CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS side (account, amount) "
           "WHERE e.fund_id = $1 AND e.book_date > $3 AND e.known_at_ns <= $4 AND " +
               statement_date("$4") +
               " <= $2 AND NOT (e.source = 'strike' AND e.trade_date <= $3) "
               "GROUP BY e.seq, e.source, e.source_id, e.kind, side.account, p.commodity, c.decimals "
               "ORDER BY e.seq, side.account",
           fund.id, period.to.to_string(), nav.valuation_date.to_string(), known(period))) {
    const auto seq = row["seq"].as<std::int64_t>();
    if (found.empty() || seq != last)
      found.push_back({row["source"].as<std::string>() + ":" + row["source_id"].as<std::string>(),
                       row["kind"].as<std::string>(), Rational()});
    last = seq;
    const auto account = row["account"].as<std::string>();
    const auto commodity = row["commodity"].as<std::string>();
    const Decimal amount = row["amount"].as<Decimal>() * Decimal::of(1, row["decimals"].as<int>());
    Rational& effect = found.back().effect;
    if (commodity == "USD") {
      const bool is_equity =
          begins(account, "Capital:") || begins(account, "Income:") || begins(account, "Expenses:");
      if (is_equity || is_cost_account(books, account)) effect = effect - Rational(amount);
    } else if (begins(account, kAssets)) {
      effect += Rational(amount) * Rational(price_of(fund, &nav, commodity).value_or(Decimal{}));
    }
  }
  return found;
}

/// Shares issued and redeemed by trade date, in the shares of the period's end.
statements::ShareFlows share_flows(db::Transaction& transaction, const model::FundId& fund,
                                   const std::vector<policy::ShareSplit>& splits,
                                   const StatementsPeriod& period) {
  Rational issued, redeemed;
  for (const auto& row : db::query(
           transaction,
           "SELECT c.change, " + statement_date("$4") +
               " AS counted_on, coalesce(o.kind, e.kind) AS kind FROM share_change c "
               "JOIN entry e USING (fund_id, seq) "
               "LEFT JOIN entry o ON o.fund_id = e.fund_id AND o.seq = e.reverses "
               "WHERE c.fund_id = $1 AND " +
               statement_date("$4") +
               " BETWEEN $2 AND $3 AND e.known_at_ns <= $4 AND coalesce(o.source, e.source) <> 'own day' "
               "AND NOT EXISTS (SELECT FROM share_split s WHERE s.fund_id = c.fund_id AND s.seq = c.seq) "
               "ORDER BY c.seq",
           fund, period.from.to_string(), period.to.to_string(), known(period))) {
    const Decimal change = row["change"].as<Decimal>();
    const Rational now =
        Rational(change) * policy::share_factor(splits, row["counted_on"].as<time::Date>(), period.to);
    const auto kind = row["kind"].as<std::string>();
    const bool is_redemption = kind == "redemption" || (kind != "creation" && change.is_negative());
    if (is_redemption)
      redeemed = redeemed - now;
    else
      issued += now;
  }
  return {issued.rounded(0, money::Rounding::kHalfEven), redeemed.rounded(0, money::Rounding::kHalfEven)};
}

/// Purchases and sales of coins for cash, by trade date.
void trades_in(db::Transaction& transaction, const model::FundId& fund, const StatementsPeriod& period,
               statements::HighlightsInput& highlights) {
  for (const auto& row : db::query(
           transaction,
           "SELECT replace(f.cause, 'rebalancing_', '') AS cause, sum(f.value) AS cents FROM coin_flow f "
           "JOIN entry e USING (fund_id, seq) WHERE f.fund_id = $1 AND f.book = 'gaap' "
           "AND f.cause IN ('purchase', 'rebalancing_purchase', 'sale', 'rebalancing_sale') "
           "AND " +
               statement_date("$4") + " BETWEEN $2 AND $3 AND e.known_at_ns <= $4 GROUP BY 1",
           fund, period.from.to_string(), period.to.to_string(), known(period))) {
    const Decimal dollars = row["cents"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
    (row["cause"].as<std::string>() == "sale" ? highlights.sales : highlights.purchases) = dollars.abs();
  }
}

statements::HighlightsInput highlights_of(const FundDefinition& fund, const std::vector<StoredNav>& navs,
                                          const std::optional<StoredNav>& opening,
                                          const std::vector<StoredAct>& acts,
                                          const std::vector<policy::ShareSplit>& splits,
                                          const StatementsPeriod& period) {
  statements::HighlightsInput input;
  input.from = period.from;
  input.to = period.to;
  input.per_share_decimals = fund.terms.per_share_decimals;
  const auto daily = [&](const NavSummary& nav) {
    return statements::DailyNav{nav.valuation_date, nav.net_assets, nav.shares,
                                policy::share_factor(splits, nav.valuation_date, period.to)};
  };
  Rational value;
  for (const StoredNav& nav : navs) {
    input.navs.push_back(daily(nav.summary));
    for (const NavPosition& position : nav.summary.positions) value += Rational(position.value);
  }
  input.average_investments_value =
      (value / Rational::of(static_cast<money::Int128>(navs.size()))).rounded(2, money::Rounding::kHalfUp);
  if (opening) input.opening = daily(opening->summary);
  for (const StoredAct& act : acts) {
    const auto* const declared = std::get_if<policy::Declaration>(&act.act.terms);
    if (declared == nullptr || act.steps.empty()) continue;
    const time::Date ex = declared->dates.ex;
    if (period.from <= ex && ex <= period.to)
      input.distributions.push_back({ex, declared->per_share, policy::share_factor(splits, ex, period.to)});
  }
  return input;
}

/// What was held when a period began is valued by the NAV before it. Before the first NAV there is none: such
/// a period begins on the first day of the books, when nothing was held.
StatementsPeriod from_what_is_priced(db::Transaction& transaction, const model::FundId& fund,
                                     StatementsPeriod period) {
  const auto first = db::query(transaction,
                               "SELECT min(trade_date) AS day FROM entry WHERE fund_id = $1 AND trade_date < "
                               "$2 AND known_at_ns <= $3",
                               fund, period.from.to_string(), known(period));
  if (!first[0]["day"].is_null()) period.from = first[0]["day"].as<time::Date>();
  return period;
}

/// What a period is closed with somebody stood for: its last NAV, and so (nav_life.h) those before it once it
/// is published.
void require_approved_end(db::Transaction& transaction, const model::FundId& fund, time::Date to) {
  const auto last = load_nav_before(transaction, fund, to + 1, time::Instant::latest());
  if (!last || last->approved_by) return;
  const std::string day = last->summary.valuation_date.to_string();
  base::refuse(fund.value() + " " + to.to_string(),
               "the NAV of " + day + " is only " + std::string(describe(last->state())) +
                   ": a period is closed once its last NAV is approved (navkeeper nav approve " +
                   fund.value() + " " + day + " --as APPROVER)");
}

}  // namespace

statements::FinancialStatements make_statements(db::Transaction& transaction, const model::FundId& fund,
                                                const StatementsPeriod& asked) {
  StatementsPeriod period = asked;
  const std::string where = fund.value() + " " + period.from.to_string() + " to " + period.to.to_string();
  if (period.to < period.from) base::refuse("to", "is before from");
  const auto definition = load_latest_definition(transaction, fund);
  if (!definition) base::refuse(fund.value(), "is not a known fund");
  const time::Instant known_at = period.known_at.value_or(time::Instant::latest());
  const auto struck = load_navs(transaction, fund, period.from, period.to, known_at);
  if (struck.empty()) base::refuse(where, "no NAV was struck in the period");
  const auto opening = load_nav_before(transaction, fund, period.from, known_at);
  if (!opening) period = from_what_is_priced(transaction, fund, period);
  const auto all_acts = load_acts(transaction, fund, known_at);
  const auto splits = splits_of(all_acts);
  const StoredNav& closing = struck.back();

  StatementInput input;
  input.fund = fund.value();
  input.name = definition->definition.name;
  input.from = period.from;
  input.to = period.to;
  input.money_decimals = definition->definition.terms.money_decimals;
  input.rounding = definition->definition.terms.rounding;
  if (opening)
    input.opening_nav = statements::NavFigure{opening->summary.valuation_date, opening->summary.net_assets,
                                              opening->summary.shares};
  input.closing_nav = {closing.summary.valuation_date, closing.summary.net_assets, closing.summary.shares};
  input.highlights = highlights_of(definition->definition, struck, opening, all_acts, splits, period);
  const auto load = [&](time::Date day) {
    auto books = load_books(transaction, fund, {books::Basis::kTradeDate, day, period.known_at, true});
    if (!books) base::refuse(fund.value(), "has no books");
    return *std::move(books);
  };
  const StoredBooks end = load(period.to);
  input.opening =
      view_of(definition->definition, load(period.from - 1), opening ? &opening->summary : nullptr);
  input.closing = view_of(definition->definition, end, &closing.summary);
  input.unsettled = unsettled_in(transaction, fund, period);
  input.booked_later = booked_later(transaction, definition->definition, end, closing.summary, period);
  input.share_flows = share_flows(transaction, fund, splits, period);
  trades_in(transaction, fund, period, input.highlights);
  auto made = statements::financial_statements(input);
  if (made.has_error()) throw base::Refused(made.error().within(where));
  if (period.from != asked.from) made->asked_from = asked.from;
  return *std::move(made);
}

statements::FinancialStatements make_statements(db::Pool& pool, const model::FundId& fund,
                                                const StatementsPeriod& period) {
  wait_until_known(pool, fund, period.known_at);
  return pool.transact(
      [&](db::Transaction& transaction) { return make_statements(transaction, fund, period); }, kReading);
}

ClosedStatements close_with_statements(db::Transaction& transaction, const model::FundId& fund,
                                       time::Date from, time::Date to, const CashActor& who) {
  model::require_role(who.actor, model::Role::kMaker, "close a period");
  lock_cash(transaction, fund);
  // From here on nobody posts, strikes or carries an act out: what is read below is what is closed.
  lock_books(transaction, fund);
  ClosedStatements closed;
  closed.made = make_statements(transaction, fund, {from, to, std::nullopt});
  const statements::FinancialStatements& made = closed.made;
  const std::string where = fund.value() + " " + made.to.to_string();
  require_approved_end(transaction, fund, made.to);
  if (!made.faults.empty()) base::refuse(where, "the statements do not stand: " + made.faults.front());
  const std::string content = statements_json(made);
  const auto last = db::query(transaction,
                              "SELECT version, content FROM period_statements WHERE fund_id = $1 AND "
                              "date_to = $2 ORDER BY version DESC LIMIT 1",
                              fund, made.to.to_string());
  const Periods periods = load_periods(transaction, fund);
  const bool is_closed = periods.closed_through && *periods.closed_through >= made.to;
  closed.closed_through = is_closed ? *periods.closed_through : made.to;
  if (!last.empty() && last[0]["content"].as<std::string>() == content && is_closed) {
    closed.version = last[0]["version"].as<int>();
    closed.is_new = false;
    return closed;
  }
  if (!is_closed) close_books(transaction, fund, made.to, {who.actor.id, who.now});
  closed.version = last.empty() ? 1 : last[0]["version"].as<int>() + 1;
  const auto digest = crypto::sha256(content);
  db::execute(transaction,
              "INSERT INTO period_statements (fund_id, date_to, version, date_from, content, content_hash, "
              "closed_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund, made.to.to_string(), closed.version, made.from.to_string(), content,
              base::Bytes(digest.begin(), digest.end()), who.actor.id, who.now.ns());
  json::Writer body;
  body.begin_object().member("from", made.from.to_string());
  body.member("hash", base::to_hex(base::Bytes(digest.begin(), digest.end())));
  body.member("to", made.to.to_string()).member("version", closed.version).end_object();
  announce_cash(transaction, fund, "period_closed_with_statements", body.take(), who);
  return closed;
}

}  // namespace navkeeper::nav
