#include "services/nav/adapters/cash_debt.h"

#include <algorithm>
#include <vector>

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/cash_store.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::string_view kLiabilities = "Liabilities:";
constexpr std::string_view kDistributions = "Distributions payable:";

Decimal cents(const pqxx::field& field) {
  return field.as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
}

/// A payment of a liability from cash that was not taken back.
struct Payment {
  std::string id;
  time::Date settled;
  Decimal amount;
};

std::vector<Payment> payments_of(db::Transaction& transaction, const model::FundId& fund,
                                 const std::string& account, time::Date since) {
  std::vector<Payment> found;
  for (const auto& row : db::query(
           transaction,
           "SELECT e.source_id, e.settlement_date, sum(p.amount) AS amount FROM entry e "
           "JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 AND e.settlement_date >= $3 "
           "AND p.debit = $2 AND p.credit = 'Assets:Cash' AND p.commodity = 'USD' AND NOT EXISTS (SELECT "
           "FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq) "
           "GROUP BY e.seq, e.source_id, e.settlement_date ORDER BY e.seq",
           fund, account, since.to_string()))
    found.push_back(
        {row["source_id"].as<std::string>(), row["settlement_date"].as<time::Date>(), cents(row["amount"])});
  return found;
}

/// The wires that pay something by that name and that nobody withdrew.
std::vector<StoredProposal> wires_paying(db::Transaction& transaction, const model::FundId& fund,
                                         const std::string& source, const std::string& id) {
  std::vector<StoredProposal> wires;
  for (const auto& row : db::query(transaction,
                                   "SELECT proposal_id FROM cash_proposal WHERE fund_id = $1 AND kind = "
                                   "'wire' AND (content::jsonb->'pays'->>'source') = $2 "
                                   "AND (content::jsonb->'pays'->>'id') = $3 ORDER BY seq",
                                   fund, source, id)) {
    auto wire = find_proposal(transaction, fund, "wire", row[0].as<std::string>());
    if (wire && !wire->withdrawn_by) wires.push_back(*std::move(wire));
  }
  return wires;
}

const cash::Wire& terms_of(const StoredProposal& wire) { return std::get<cash::Wire>(wire.proposal.terms); }

/// Each payment is one wire's: by its id first.
std::set<std::string> matched(const std::vector<StoredProposal>& wires, std::vector<Payment> payments) {
  std::set<std::string> booked;
  const auto take = [&](const StoredProposal& wire, auto&& is_its) {
    if (booked.contains(wire.proposal.id())) return;
    const auto found = std::find_if(payments.begin(), payments.end(), is_its);
    if (found == payments.end()) return;
    booked.insert(wire.proposal.id());
    payments.erase(found);
  };
  for (const StoredProposal& wire : wires)
    take(wire, [&](const Payment& one) { return one.id == wire.proposal.id(); });
  for (const StoredProposal& wire : wires) {
    if (!wire.is_released) continue;
    take(wire, [&](const Payment& one) {
      return one.amount == terms_of(wire).amount && one.settled >= terms_of(wire).value_date;
    });
  }
  return booked;
}

std::optional<Decimal> open_liability(db::Transaction& transaction, const model::FundId& fund,
                                      const std::string& account) {
  const auto rows = db::query(transaction,
                              "SELECT -amount AS owed FROM account_balance WHERE fund_id = $1 AND account = "
                              "$2 AND commodity = 'USD'",
                              fund, account);
  if (rows.empty()) return std::nullopt;
  return cents(rows[0]["owed"]);
}

/// Dollars that leave by the entry; nothing where it is not there or was reversed.
std::optional<Decimal> paid_by_entry(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& source, const std::string& id) {
  const auto rows =
      db::query(transaction,
                "SELECT sum(CASE WHEN p.credit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) AS paid "
                "FROM entry e JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 AND e.source = $2 "
                "AND e.source_id = $3 AND p.commodity = 'USD' AND 'Assets:Cash' IN (p.debit, p.credit) "
                "AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq)",
                fund, source, id);
  if (rows[0]["paid"].is_null()) return std::nullopt;
  return cents(rows[0]["paid"]);
}

/// What an approved distribution pays in all: its liability before it is paid; before its ex-date, per share
/// for the shares of now.
std::optional<Decimal> distributed(db::Transaction& transaction, const model::FundId& fund,
                                   const std::string& id) {
  const auto acts = db::query(
      transaction,
      "SELECT a.content FROM fund_act a JOIN fund_act_decision y ON (y.fund_id, y.act_id) = (a.fund_id, "
      "a.act_id) AND y.is_approved WHERE a.fund_id = $1 AND a.act_id = $2 AND a.kind = 'distribution' AND "
      "NOT EXISTS (SELECT FROM fund_act_decision n WHERE (n.fund_id, n.act_id) = (a.fund_id, a.act_id) AND "
      "NOT n.is_approved) AND NOT " +
          act_undone("9223372036854775807"),
      fund, id);
  if (acts.empty()) return std::nullopt;
  const std::string account = std::string(kLiabilities) + std::string(kDistributions) + id;
  const auto owed = db::query(
      transaction,
      "SELECT sum(CASE WHEN credit = $2 THEN amount ELSE -amount END) AS owed FROM posting WHERE fund_id = "
      "$1 AND commodity = 'USD' AND $2 IN (debit, credit) AND 'Assets:Cash' NOT IN (debit, credit)",
      fund, account);
  if (!owed[0]["owed"].is_null()) return cents(owed[0]["owed"]);
  const NewAct act = read_act_text(acts[0]["content"].as<std::string>());
  const auto shares =
      db::query(transaction, "SELECT shares FROM books_head WHERE fund_id = $1", fund)[0][0].as<Decimal>();
  return money::multiply(std::get<policy::Declaration>(act.act.terms).per_share, shares,
                         books::kDollarDecimals, money::Rounding::kHalfUp);
}

time::Date earliest(const std::vector<StoredProposal>& wires) {
  time::Date since = terms_of(wires.front()).value_date;
  for (const StoredProposal& wire : wires) since = std::min(since, terms_of(wire).value_date);
  return since;
}

/// A payment may be booked some days before its wire's value date.
constexpr int kBookedBeforeDaysMax = 10;

}  // namespace

std::set<std::string> booked_wires(db::Transaction& transaction, const model::FundId& fund,
                                   const std::string& liability) {
  const auto wires = wires_paying(transaction, fund, kPaysLiability, liability);
  if (wires.empty()) return {};
  return matched(wires, payments_of(transaction, fund, std::string(kLiabilities) + liability,
                                    earliest(wires) - kBookedBeforeDaysMax));
}

std::optional<cash::PaidDebt> load_debt(db::Transaction& transaction, const model::FundId& fund,
                                        const cash::Wire& wire) {
  if (wire.pays_source.empty()) return std::nullopt;
  const bool is_liability = wire.pays_source == kPaysLiability;
  const auto owed = is_liability ? open_liability(transaction, fund, std::string(kLiabilities) + wire.pays_id)
                    : wire.pays_source == kPaysDistribution
                        ? distributed(transaction, fund, wire.pays_id)
                        : paid_by_entry(transaction, fund, wire.pays_source, wire.pays_id);
  if (!owed) return std::nullopt;
  cash::PaidDebt debt{*owed, {}, ""};
  const auto booked = is_liability ? booked_wires(transaction, fund, wire.pays_id) : std::set<std::string>{};
  // Its own payment stands in the books before it leaves: what is open was less by it.
  if (booked.contains(wire.id)) debt.owed += wire.amount;
  for (const StoredProposal& other : wires_paying(transaction, fund, wire.pays_source, wire.pays_id)) {
    if (other.proposal.id() == wire.id || booked.contains(other.proposal.id())) continue;
    debt.promised += terms_of(other).amount;
    debt.by += (debt.by.empty() ? "" : ", ") + other.proposal.id();
  }
  return debt;
}

}  // namespace navkeeper::nav
