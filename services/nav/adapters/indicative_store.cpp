#include "services/nav/adapters/indicative_store.h"

#include <algorithm>
#include <map>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/composition_store.h"
#include "services/nav/app/restate_nav.h"
#include "services/nav/domain/books/place.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

/// Whole coins in position accounts: receivables are in the unit's cash.
std::map<std::string, Decimal> coins_held(const StoredBooks& books) {
  std::map<std::string, Decimal> held;
  for (const StoredBalance& balance : books.balances) {
    if (balance.commodity != "USD" && books::is_position_account(balance.account))
      held[balance.commodity] += balance.balance.to_decimal(balance.decimals);
  }
  return held;
}

/// Coins lost for good that the NAV does not know yet; a reversal takes one back.
std::vector<indicative::UnitEvent> losses_since(db::Transaction& transaction, const model::FundId& fund,
                                                const StoredNav& nav, time::Date day) {
  std::vector<indicative::UnitEvent> losses;
  for (const auto& row : db::query(
           transaction,
           "SELECT f.asset, c.decimals, -sum(f.quantity) AS lost, min(e.source || ':' || e.source_id) AS id "
           "FROM coin_flow f JOIN entry e USING (fund_id, seq) "
           "JOIN commodity c ON c.fund_id = f.fund_id AND c.commodity = f.asset "
           "WHERE f.fund_id = $1 AND f.book = 'gaap' AND f.cause = 'penalty' AND e.trade_date <= $2 "
           "AND (e.book_date > $3 OR e.known_at_ns > $4) GROUP BY f.asset, c.decimals "
           "HAVING sum(f.quantity) < 0 ORDER BY f.asset",
           fund, day.to_string(), nav.summary.valuation_date.to_string(), nav.struck_at.ns()))
    losses.push_back(indicative::CoinLoss{
        row["id"].as<std::string>(), row["asset"].as<std::string>(),
        row["lost"].as<Decimal>() * Decimal::of(1, row["decimals"].as<int>()), nav.summary.shares});
  return losses;
}

std::vector<indicative::UnitEvent> acts_since(const std::vector<StoredAct>& acts, time::Date nav_date,
                                              time::Date day) {
  std::vector<std::pair<time::Date, indicative::UnitEvent>> dated;
  for (const StoredAct& act : acts) {
    if (!act.approved_by || !act.stands()) continue;
    const time::Date effective = act.act.effective();
    if (effective <= nav_date || effective > day) continue;
    if (const auto* declared = std::get_if<policy::Declaration>(&act.act.terms))
      dated.emplace_back(effective, indicative::ExDividend{act.act.id, effective, declared->per_share});
    if (const auto* split = std::get_if<policy::ShareSplit>(&act.act.terms))
      dated.emplace_back(effective,
                         indicative::UnitSplit{act.act.id, effective, split->new_shares, split->old_shares});
  }
  std::stable_sort(dated.begin(), dated.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<indicative::UnitEvent> events;
  for (auto& [date, event] : dated) events.push_back(std::move(event));
  return events;
}

}  // namespace

OfficialUnit StoredUnits::unit(const FundDefinition& fund, time::Date day) {
  const time::Date nav_date = fund.calendar().previous_business_day(day);
  const std::string date = nav_date.to_string();
  const auto nav = official_nav(navs_, fund.id, nav_date);
  if (!nav)
    return {std::nullopt,
            "the NAV of " + date +
                (navs_.find_nav(fund.id, nav_date) ? " is not published" : " has not been struck")};
  PostgresCompositionStore compositions(pool_);
  const auto composition = last_composition(compositions, fund.id, nav_date);
  if (!composition || composition->is_estimate || composition->nav_version != nav->summary.version)
    return {std::nullopt, "the portfolio composition of " + date + " by version " +
                              std::to_string(nav->summary.version) + " of its NAV is not published"};
  const PublishedUnit published = read_published_unit(composition->content);
  indicative::CreationUnit unit;
  unit.nav_date = nav_date;
  unit.shares = published.unit_shares;
  unit.net_cash = published.balancing;
  const dealing::DealingTerms* const terms = dealing::terms_on(fund.dealing, nav_date);
  for (const dealing::ComponentQuantity& one : published.components) {
    const auto* const precision = terms == nullptr ? nullptr : terms->precision_of(one.asset);
    unit.components.push_back(
        {one.asset.value(), one.quantity, precision == nullptr ? one.quantity.scale() : precision->decimals});
  }
  std::vector<indicative::UnitEvent> events = acts_since(acts_.acts(fund.id), nav_date, day);
  pool_.transact(
      [&](db::Transaction& transaction) {
        const auto losses = losses_since(transaction, fund.id, *nav, day);
        events.insert(events.end(), losses.begin(), losses.end());
      },
      kReading);
  auto adjusted = indicative::adjust(std::move(unit), events);
  if (adjusted.has_error()) return {std::nullopt, adjusted.error().message()};
  return {*std::move(adjusted), ""};
}

StoredIndicative as_stored(const MadeIndicative& made) {
  json::Writer out;
  out.begin_object().key("prices").begin_array();
  for (const indicative::LivePrice& price : made.prices) {
    out.begin_object().member("asset", price.asset).key("value");
    if (price.value)
      out.decimal(*price.value).member("at", price.at.to_string());
    else
      out.null().member("reason", price.reason);
    out.end_object();
  }
  out.end_array().key("unit");
  if (made.unit) {
    out.begin_object().member("nav_date", made.unit->nav_date.to_string());
    out.member("shares", made.unit->shares).member("net_cash", made.unit->net_cash);
    out.key("components").begin_array();
    for (const indicative::UnitComponent& one : made.unit->components)
      out.begin_object().member("asset", one.asset).member("quantity", one.quantity).end_object();
    out.end_array().key("adjustments").begin_array();
    for (const std::string& one : made.unit->adjustments) out.string(one);
    out.end_array().end_object();
  } else {
    out.null();
  }
  return {made.value.at, made.value.per_share, made.value.reason, out.end_object().take()};
}

bool save_indicative(db::Pool& pool, const model::FundId& fund, const MadeIndicative& made,
                     time::Instant now) {
  const StoredIndicative stored = as_stored(made);
  return pool.transact([&](db::Transaction& transaction) {
    return db::execute(
               transaction,
               "INSERT INTO indicative_value (fund_id, at_ns, per_share, reason, evidence, known_at_ns) "
               "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
               fund, stored.at.ns(), stored.per_share, stored.reason, stored.evidence, now.ns()) == 1;
  });
}

namespace {

StoredIndicative indicative_of(const pqxx::row& row) {
  return {row["at_ns"].as<time::Instant>(), db::optional_of<Decimal>(row["per_share"]),
          row["reason"].as<std::string>(), row["evidence"].as<std::string>()};
}

}  // namespace

std::optional<StoredIndicative> last_indicative(db::Pool& pool, const model::FundId& fund, bool with_value) {
  return pool.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredIndicative> {
        const auto rows =
            db::query(transaction,
                      std::string("SELECT at_ns, per_share, reason, evidence FROM "
                                  "indicative_value WHERE fund_id = $1 ") +
                          (with_value ? "AND per_share IS NOT NULL " : "") + "ORDER BY at_ns DESC LIMIT 1",
                      fund);
        if (rows.empty()) return std::nullopt;
        return indicative_of(rows[0]);
      },
      kReading);
}

std::vector<StoredIndicative> indicative_values(db::Pool& pool, const model::FundId& fund, time::Instant from,
                                                time::Instant to, int count_max) {
  return pool.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredIndicative> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT at_ns, per_share, reason, evidence FROM indicative_value "
                       "WHERE fund_id = $1 AND at_ns BETWEEN $2 AND $3 ORDER BY at_ns LIMIT $4",
                       fund, from.ns(), to.ns(), count_max))
          found.push_back(indicative_of(row));
        return found;
      },
      kReading);
}

std::string indicative_json(const model::FundId& fund, const StoredIndicative& stored) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("at", stored.at.to_string()).key("value");
  if (stored.per_share)
    out.decimal(*stored.per_share);
  else
    out.null();
  out.key("reason");
  if (stored.reason.empty())
    out.null();
  else
    out.string(stored.reason);
  const auto evidence = json::parse(stored.evidence);
  for (const json::Member& member : evidence->as_object()) out.member(member.key, member.value);
  return out.end_object().take();
}

std::string pre_open_holdings_json(db::Pool& pool, NavStore& navs, const model::FundId& fund,
                                   time::Date date) {
  const auto definition = navs.latest_definition(fund);
  if (!definition) base::refuse(fund.value(), "is not a known fund");
  const auto books = pool.transact(
      [&](db::Transaction& transaction) {
        return load_books(transaction, fund, {books::Basis::kNav, date, std::nullopt});
      },
      kReading);
  if (!books) base::refuse(fund.value(), "has no books");
  const auto last = navs.last_nav_before(fund, date);
  const auto price_of = [&](const std::string& asset) -> std::optional<Decimal> {
    if (!last) return std::nullopt;
    for (const NavPosition& position : last->summary.positions) {
      if (position.asset == asset) return position.price;
    }
    return std::nullopt;
  };
  const Decimal cash = books->balance("Assets:Cash", "USD").to_decimal(books::kDollarDecimals);
  const NavTerms& terms = definition->definition.terms;
  Decimal total = cash;
  const auto held = coins_held(*books);
  for (const auto& [asset, quantity] : held) {
    if (const auto price = price_of(asset))
      total += money::multiply(quantity, *price, terms.money_decimals, terms.rounding);
  }
  json::Writer out;
  const auto weight = [&](const Decimal& value) {
    out.key("weight");
    if (total.is_positive())
      out.decimal(money::divide(value, total, kWeightDecimals, money::Rounding::kHalfEven));
    else
      out.null();
  };
  out.begin_object().member("fund", fund.value()).member("name", definition->definition.name);
  out.member("for_nav_of", date.to_string()).key("priced_at_nav_of");
  if (last)
    out.string(last->summary.valuation_date.to_string());
  else
    out.null();
  out.member("shares", books->shares.to_decimal(0)).key("holdings").begin_array();
  for (const auto& [asset, quantity] : held) {
    if (quantity.is_zero()) continue;
    const auto price = price_of(asset);
    out.begin_object().member("ticker", asset).member("description", asset).member("quantity", quantity);
    out.key("value");
    if (price) {
      const Decimal value = money::multiply(quantity, *price, terms.money_decimals, terms.rounding);
      out.decimal(value);
      weight(value);
    } else {
      out.null();
    }
    out.end_object();
  }
  out.begin_object().member("ticker", "USD").member("description", "cash").member("quantity", cash);
  out.member("value", cash);
  weight(cash);
  return out.end_object().end_array().end_object().take();
}

}  // namespace navkeeper::nav
