// What a strike asks of the fund's orders, and what a basket asks of its books.
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/fund_act_json.h"

namespace navkeeper::nav {

using money::Decimal;

Deliverable deliverable_of(const StoredBooks& stored) {
  constexpr std::string_view kFeesPayable = "Liabilities:Fees payable:";
  Deliverable deliverable;
  deliverable.shares = stored.shares.to_decimal(0);
  for (const StoredBalance& balance : stored.balances) {
    if (balance.commodity == policy::kDollars) continue;
    if (books::is_position_account(balance.account) || balance.account.starts_with(kFeesPayable))
      deliverable.coins[balance.commodity] += balance.balance.to_decimal(balance.decimals);
  }
  return deliverable;
}

namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

/// Approved splits that take effect by `date`; what the books do not have of them yet counts too.
void add_splits(db::Transaction& transaction, const model::FundId& fund, time::Date date,
                time::Instant known_at, Deliverable& deliverable) {
  for (const auto& row : db::query(
           transaction,
           "SELECT a.content, EXISTS (SELECT FROM fund_act_step s WHERE (s.fund_id, s.act_id) = "
           "(a.fund_id, a.act_id) AND s.known_at_ns <= $2) AS is_booked FROM fund_act a JOIN "
           "fund_act_decision y ON (y.fund_id, y.act_id) = (a.fund_id, a.act_id) AND y.is_approved "
           "WHERE a.fund_id = $1 AND a.kind = 'split' AND NOT EXISTS (SELECT FROM fund_act_decision n "
           "WHERE (n.fund_id, n.act_id) = (a.fund_id, a.act_id) AND NOT n.is_approved) AND NOT EXISTS "
           "(SELECT FROM fund_act_undo_decision u WHERE (u.fund_id, u.act_id) = (a.fund_id, a.act_id) AND "
           "u.is_approved AND u.known_at_ns <= $2) ORDER BY a.act_id",
           fund, known_at.ns())) {
    const NewAct act = read_act_text(row["content"].as<std::string>());
    const auto& split = std::get<policy::ShareSplit>(act.act.terms);
    if (split.effective > date) continue;
    deliverable.splits.push_back(split);
    if (!row["is_booked"].as<bool>())
      deliverable.shares = base::value_or_refuse(policy::split_shares(deliverable.shares, split));
  }
}

}  // namespace

Deliverable PostgresDealingStore::deliverable(const model::FundId& fund, time::Date date,
                                              time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto stored = load_books(transaction, fund, {books::Basis::kNav, date, known_at});
        if (!stored) return Deliverable{};
        Deliverable deliverable = deliverable_of(*stored);
        add_splits(transaction, fund, date, known_at, deliverable);
        return deliverable;
      },
      kReading);
}

void refuse_unpriced_orders(db::Transaction& transaction, std::span<const std::string> funds,
                            std::span<const std::string> trusts, time::Date date) {
  std::string fund;
  std::string names;
  std::string first_day;  // whose orders come first
  int count = 0;
  for (const auto& row : db::query(
           transaction,
           "SELECT fund_id, order_id, trade_date::text AS day, state FROM order_standing "
           "WHERE fund_id = ANY($1::text[]) AND state IN ('placed', 'accepted') AND (trade_date < $2 OR "
           "(fund_id = ANY($3::text[]) AND trade_date = $2 AND state = 'placed')) "
           "ORDER BY fund_id, trade_date, order_id",
           array_of(funds), date.to_string(), array_of(trusts))) {
    constexpr int kShownMax = 5;
    if (fund.empty()) {
      fund = row["fund_id"].as<std::string>();
      first_day = row["day"].as<std::string>();
    }
    if (fund != row["fund_id"].as<std::string>()) break;
    if (++count > kShownMax) continue;
    names += (names.empty() ? "" : ", ") + row["order_id"].as<std::string>() + " of " +
             row["day"].as<std::string>() + " (" + row["state"].as<std::string>() + ")";
  }
  if (count == 0) return;
  base::refuse(
      fund + " " + date.to_string(),
      std::to_string(count) + " orders would be missing from its NAV (rule 2a-4): " + names +
          ": navkeeper orders accept (or reject) FUND ID --as APPROVER, then orders price FUND --date " +
          first_day + " --as MAKER");
}

PendingOrders load_pending_orders(db::Transaction& transaction, const FundDefinition& fund, time::Date date,
                                  const StoredBooks& at_start) {
  PendingOrders pending;
  const dealing::DealingTerms* const terms = dealing::terms_on(fund.dealing, date);
  const Deliverable deliverable = deliverable_of(at_start);
  if (terms == nullptr || !deliverable.shares.is_positive()) return pending;
  for (const auto& row : db::query(
           transaction,
           "SELECT o.side, sum(o.units) AS units FROM order_standing s JOIN dealing_order o ON "
           "o.fund_id = s.fund_id AND o.order_id = s.order_id WHERE s.fund_id = $1 AND s.trade_date = $2 AND "
           "s.state = 'accepted' GROUP BY o.side",
           fund.id, date.to_string())) {
    const bool is_creation = row["side"].as<std::string>() == "creation";
    const Decimal units = row["units"].as<Decimal>();
    const Decimal shares = units * fund.creation_unit_shares;
    pending.shares += is_creation ? shares : -shares;
    for (const auto& [asset, coins] : deliverable.coins) {
      const dealing::TransferPrecision* const precision = terms->precision_of(model::AssetId::literal(asset));
      if (precision == nullptr || !coins.is_positive()) continue;
      const Decimal per_unit = money::mul_div(coins, fund.creation_unit_shares, deliverable.shares,
                                              precision->decimals, money::Rounding::kDown);
      (is_creation ? pending.creations : pending.redemptions)[asset] += per_unit * units;
    }
  }
  return pending;
}

}  // namespace navkeeper::nav
