#include "services/nav/adapters/cash_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/cash_debt.h"
#include "services/nav/adapters/cash_json.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_known_store.h"
#include "services/nav/adapters/order_settlement_store.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/adapters/trade_orders.h"

// Deciding on proposals; what is shown of them and projected cash are in cash_view_store.cpp.
namespace navkeeper::nav {
namespace {

using money::Decimal;

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

const char* const kProposals =
    "SELECT p.kind, p.proposal_id, p.content, p.proposed_by, p.known_at_ns, y.decided_by AS approved_by, "
    "n.decided_by AS withdrawn_by, r.wire_id IS NOT NULL AND p.kind = 'wire' AS is_released "
    "FROM cash_proposal p "
    "LEFT JOIN cash_decision y ON (y.fund_id, y.kind, y.proposal_id) = (p.fund_id, p.kind, p.proposal_id) "
    "AND y.is_approved "
    "LEFT JOIN cash_decision n ON (n.fund_id, n.kind, n.proposal_id) = (p.fund_id, p.kind, p.proposal_id) "
    "AND NOT n.is_approved "
    "LEFT JOIN wire_release r ON r.fund_id = p.fund_id AND r.wire_id = p.proposal_id "
    "WHERE p.fund_id = $1 ";

StoredProposal proposal_of(const pqxx::row& row) {
  const auto content = row["content"].as<std::string>();
  StoredProposal stored(read_proposal(base::value_or_refuse(json::parse(content))),
                        db::name_of<model::ActorId>(row["proposed_by"]));
  stored.content = content;
  stored.proposed_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
  if (!row["approved_by"].is_null()) stored.approved_by = db::name_of<model::ActorId>(row["approved_by"]);
  if (!row["withdrawn_by"].is_null()) stored.withdrawn_by = db::name_of<model::ActorId>(row["withdrawn_by"]);
  stored.is_released = row["is_released"].as<bool>();
  return stored;
}

std::string fact_of(const model::FundId& fund, std::string_view kind, const std::string& id,
                    std::string_view state) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("id", id).member("kind", kind);
  return out.member("state", state).end_object().take();
}

/// Those that two people approved last. Who withdraws them, and one person may, leaves none: earlier, looser
/// ones do not hold again by it.
std::optional<cash::WireLimits> limits_of(db::Transaction& transaction, const model::FundId& fund,
                                          const std::string& account) {
  std::optional<cash::WireLimits> latest;
  for (const StoredProposal& one : load_proposals(transaction, fund, "limits")) {
    const auto& limits = std::get<cash::WireLimits>(one.proposal.terms);
    if (!one.approved_by || limits.account != account) continue;
    latest.reset();
    if (!one.withdrawn_by) latest = limits;
  }
  return latest;
}

bool is_approved(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                 const std::string& id) {
  const auto found = find_proposal(transaction, fund, kind, id);
  return found && found->is_approved();
}

const time::Calendar& bank_of(const FundDefinition& definition) {
  const time::Calendar* const bank = time::Calendar::find(definition.bank_calendar);
  ENSURE(bank != nullptr);
  return *bank;
}

void require(const base::Checked<void>& checked, const std::string& where) {
  if (checked.has_error()) throw base::Refused(checked.error().within(where));
}

void check_wire_now(db::Transaction& transaction, const model::FundId& fund, const FundDefinition& definition,
                    const cash::Wire& wire, time::Instant now) {
  cash::WireSight sight;
  sight.today = local_day(definition.time_zone, now);
  const time::Calendar& bank = bank_of(definition);
  sight.is_value_date_bank_day = bank.covers(wire.value_date) && bank.is_business_day(wire.value_date);
  sight.has_account = is_approved(transaction, fund, "bank_account", wire.account);
  sight.has_payee = is_approved(transaction, fund, "payee", wire.payee);
  sight.limits = limits_of(transaction, fund, wire.account);
  sight.day_total = db::query(transaction,
                              "SELECT coalesce(sum(p.amount), 0) AS total FROM cash_proposal p "
                              "WHERE p.fund_id = $1 AND p.kind = 'wire' AND p.account = $2 "
                              "AND p.value_date = $3 AND p.proposal_id <> $4 AND NOT EXISTS ("
                              "SELECT FROM cash_decision n WHERE n.fund_id = p.fund_id AND n.kind = p.kind "
                              "AND n.proposal_id = p.proposal_id AND NOT n.is_approved)",
                              fund, wire.account, wire.value_date.to_string(), wire.id)[0]["total"]
                        .as<Decimal>();
  sight.debt = load_debt(transaction, fund, wire);
  require(cash::check_wire(wire, sight), "wire " + wire.id);
}

void check_trade_now(const FundDefinition& definition, const cash::CoinTrade& trade, time::Instant now) {
  const std::string where = "trade " + trade.id;
  const auto asset = std::find_if(definition.assets.begin(), definition.assets.end(),
                                  [&](const FundAsset& one) { return one.asset.value() == trade.asset; });
  if (asset == definition.assets.end())
    base::refuse(where + ": asset", trade.asset + " is not an asset of the fund");
  for (const cash::TradeAllocation& part : trade.allocations) {
    if (part.quantity.scale() > asset->decimals)
      base::refuse(where + ": allocations", "a quantity has more decimals than the coin");
  }
  if (trade.quantity.scale() > asset->decimals)
    base::refuse(where + ": quantity", "has more decimals than the coin");
  const time::Calendar exchange = definition.calendar();
  if (!exchange.covers(trade.date) || !exchange.is_business_day(trade.date))
    base::refuse(where + ": date", trade.date.to_string() + " is no exchange day");
  if (trade.date < local_day(definition.time_zone, now))
    base::refuse(where + ": date", trade.date.to_string() + " has passed");
}

/// Columns beside the content, which constraints look at.
struct Indexed {
  std::optional<std::string> account;
  std::optional<Decimal> amount;
  std::optional<std::string> value_date;
};
Indexed indexed(const cash::CashProposal& proposal) {
  Indexed columns;
  if (const auto* wire = std::get_if<cash::Wire>(&proposal.terms))
    columns = {wire->account, wire->amount, wire->value_date.to_string()};
  if (const auto* limits = std::get_if<cash::WireLimits>(&proposal.terms)) columns.account = limits->account;
  if (const auto* trade = std::get_if<cash::CoinTrade>(&proposal.terms))
    columns.value_date = trade->date.to_string();
  return columns;
}

StoredProposal known_proposal(db::Transaction& transaction, const model::FundId& fund,
                              const std::string& kind, const std::string& id) {
  auto found = find_proposal(transaction, fund, kind, id);
  if (!found) base::refuse(fund.value() + " " + id, "is not a known " + (kind.empty() ? "proposal" : kind));
  return *std::move(found);
}

void add_decision(db::Transaction& transaction, const model::FundId& fund, const StoredProposal& stored,
                  bool approved, const CashActor& who) {
  const std::string kind(stored.proposal.kind());
  db::execute(transaction,
              "INSERT INTO cash_decision (fund_id, kind, proposal_id, proposed_by, is_approved, decided_by, "
              "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7)",
              fund, kind, stored.proposal.id(), stored.proposed_by, approved, who.actor.id, who.now.ns());
  const char* const state = approved ? "approved" : "withdrawn";
  announce_cash(transaction, fund, kind + "_" + state, fact_of(fund, kind, stored.proposal.id(), state), who);
}

}  // namespace

void lock_cash(db::Transaction& transaction, const model::FundId& fund) {
  require_fund(transaction, fund);
  db::execute(transaction, "INSERT INTO cash_head (fund_id, proposals) VALUES ($1, 0) ON CONFLICT DO NOTHING",
              fund);
  db::query(transaction, "SELECT FROM cash_head WHERE fund_id = $1 FOR UPDATE", fund);
}

void announce_cash(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                   const std::string& body, const CashActor& who) {
  db::append_event(transaction, fund.value(), {0, kind, body, who.now.ns()});
  db::append_audit(transaction, fund.value(), {who.actor.id.value(), who.now.ns(), kind, body});
}

time::Date local_day(const std::string& time_zone, time::Instant now) {
  const auto zone = time::Zone::find(time_zone);
  ENSURE(zone.has_value());  // of a definition, which was checked
  return zone->to_local(now).date;
}

std::string StoredProposal::state() const {
  if (withdrawn_by) return "withdrawn";
  if (is_released) return "released";
  return approved_by ? "approved" : "proposed";
}

std::vector<StoredProposal> load_proposals(db::Transaction& transaction, const model::FundId& fund,
                                           const std::string& kind) {
  std::vector<StoredProposal> found;
  for (const auto& row : db::query(
           transaction, std::string(kProposals) + "AND ($2 = '' OR p.kind = $2) ORDER BY p.seq", fund, kind))
    found.push_back(proposal_of(row));
  return found;
}

std::optional<StoredProposal> find_proposal(db::Transaction& transaction, const model::FundId& fund,
                                            const std::string& kind, const std::string& id) {
  const auto rows = db::query(transaction, std::string(kProposals) + "AND p.kind = $2 AND p.proposal_id = $3",
                              fund, kind, id);
  if (rows.empty()) return std::nullopt;
  return proposal_of(rows[0]);
}

std::optional<cash::BankAccount> find_account(db::Transaction& transaction, const model::FundId& fund,
                                              const std::string& id) {
  const auto found = find_proposal(transaction, fund, "bank_account", id);
  if (!found || !found->is_approved()) return std::nullopt;
  return std::get<cash::BankAccount>(found->proposal.terms);
}

bool propose(db::Transaction& transaction, const model::FundId& fund, const cash::CashProposal& proposal,
             const CashActor& who) {
  model::require_role(who.actor, model::Role::kMaker, "propose what moves dollars or coins");
  lock_cash(transaction, fund);
  const std::string kind(proposal.kind());
  const std::string content = proposal_content(proposal);
  if (const auto before = find_proposal(transaction, fund, kind, proposal.id())) {
    if (before->content == content) return false;
    base::refuse(kind + " " + proposal.id(), "was proposed before with other content");
  }
  const FundDefinition definition = load_definition(transaction, fund);
  if (const auto* wire = std::get_if<cash::Wire>(&proposal.terms))
    check_wire_now(transaction, fund, definition, *wire, who.now);
  if (const auto* trade = std::get_if<cash::CoinTrade>(&proposal.terms)) {
    check_trade_now(definition, *trade, who.now);
    check_trade_orders(transaction, fund, *trade, false);
  }
  if (const auto* account = std::get_if<cash::BankAccount>(&proposal.terms)) {
    for (const StoredProposal& other : load_proposals(transaction, fund, kind)) {
      if (!other.withdrawn_by && std::get<cash::BankAccount>(other.proposal.terms).number == account->number)
        base::refuse(kind + " " + account->id + ": number", "is that of account " + other.proposal.id());
    }
  }
  const Indexed columns = indexed(proposal);
  const auto seq = db::query(transaction,
                             "UPDATE cash_head SET proposals = proposals + 1 WHERE fund_id = $1 "
                             "RETURNING proposals",
                             fund)[0][0]
                       .as<std::int64_t>();
  db::execute(transaction,
              "INSERT INTO cash_proposal (fund_id, kind, proposal_id, seq, content, content_hash, account, "
              "amount, value_date, proposed_by, known_at_ns) "
              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
              fund, kind, proposal.id(), seq, content, hash_of(content), columns.account, columns.amount,
              columns.value_date, who.actor.id, who.now.ns());
  announce_cash(transaction, fund, kind + "_proposed", content, who);
  return true;
}

bool approve(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
             const std::string& id, const CashActor& who) {
  model::require_role(who.actor, model::Role::kApprover, "approve what moves dollars or coins");
  lock_cash(transaction, fund);
  const StoredProposal stored = known_proposal(transaction, fund, kind, id);
  const std::string where = kind + " " + id;
  if (stored.withdrawn_by) base::refuse(where, "was withdrawn by " + stored.withdrawn_by->value());
  if (stored.proposed_by == who.actor.id)
    base::refuse(where, "was proposed by " + who.actor.id.value() + ", who may not approve it");
  if (stored.approved_by) {
    if (*stored.approved_by == who.actor.id) return false;
    throw base::Conflict(where + ": was approved by " + stored.approved_by->value() + " already");
  }
  const FundDefinition definition = load_definition(transaction, fund);
  if (const auto* wire = std::get_if<cash::Wire>(&stored.proposal.terms))
    check_wire_now(transaction, fund, definition, *wire, who.now);
  if (const auto* trade = std::get_if<cash::CoinTrade>(&stored.proposal.terms)) {
    check_trade_now(definition, *trade, who.now);
    check_trade_orders(transaction, fund, *trade, false);
  }
  add_decision(transaction, fund, stored, true, who);
  return true;
}

bool withdraw(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& id, const CashActor& who) {
  model::require_role(who.actor, {model::Role::kMaker, model::Role::kApprover}, "withdraw a proposal");
  lock_cash(transaction, fund);
  const StoredProposal stored = known_proposal(transaction, fund, kind, id);
  const std::string where = kind + " " + id;
  if (stored.withdrawn_by) return false;
  if (stored.proposed_by != who.actor.id && !who.actor.has(model::Role::kApprover))
    throw base::NotPermitted({where, "may be withdrawn by who proposed it or by an approver"});
  if (stored.is_released) base::refuse(where, "has left already");
  if (kind == "trade" &&
      !db::query(transaction, "SELECT FROM trade_execution WHERE fund_id = $1 AND trade_id = $2", fund, id)
           .empty())
    base::refuse(where, "was executed in part already");
  add_decision(transaction, fund, stored, false, who);
  return true;
}

namespace {

/// Whether an entry of the journal is counted in settled cash of that day.
bool is_settled_by(db::Transaction& transaction, const model::FundId& fund, const cash::Wire& wire,
                   time::Date date) {
  return !wire.pays_source.empty() &&
         !db::query(transaction,
                    "SELECT FROM entry WHERE fund_id = $1 AND source = $2 AND source_id = $3 "
                    "AND settlement_date <= $4",
                    fund, wire.pays_source, wire.pays_id, date.to_string())
              .empty();
}

/// Settled by that day, less what orders that were due before `today` have not brought.
Decimal settled_cash(db::Transaction& transaction, const model::FundId& fund, time::Date date,
                     time::Date today) {
  const auto books = load_books(transaction, fund, {books::Basis::kSettled, date, std::nullopt});
  if (!books) return {};
  Decimal cash = books->balance("Assets:Cash", "USD").to_decimal(books::kDollarDecimals);
  for (const OrderPart& open : load_open_parts(transaction, fund, today)) {
    if (open.date < today) cash -= std::max(open.of(policy::kDollars), Decimal{});
  }
  return cash;
}

std::string instruction_of(const model::FundId& fund, const cash::Wire& wire, const cash::BankAccount& from,
                           const cash::Payee& to) {
  json::Writer out;
  out.begin_object().key("amount").decimal(wire.amount, 2);
  out.key("creditor").begin_object().member("account", to.number).member("agent", to.servicer);
  out.member("name", to.name).end_object().member("currency", from.currency);
  out.key("debtor").begin_object().member("account", from.number).member("agent", from.servicer).end_object();
  out.member("end_to_end_id", wire.id).member("fund", fund.value()).member("purpose", wire.purpose);
  return out.member("value_date", wire.value_date.to_string()).end_object().take();
}

}  // namespace

ReleasedWire release_wire(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                          const CashActor& who) {
  model::require_role(who.actor, model::Role::kOperator, "release a wire");
  lock_cash(transaction, fund);
  const StoredProposal stored = known_proposal(transaction, fund, "wire", id);
  const std::string where = "wire " + id;
  if (stored.is_released)
    return {db::query(transaction, "SELECT instruction FROM wire_release WHERE fund_id = $1 AND wire_id = $2",
                      fund, id)[0][0]
                .as<std::string>(),
            false};
  if (!stored.is_approved()) base::refuse(where, "is " + stored.state() + ", not approved");
  const FundDefinition definition = load_definition(transaction, fund);
  const auto& wire = std::get<cash::Wire>(stored.proposal.terms);
  check_wire_now(transaction, fund, definition, wire, who.now);
  Decimal pending;
  for (const StoredProposal& other : load_proposals(transaction, fund, "wire")) {
    const auto& terms = std::get<cash::Wire>(other.proposal.terms);
    if (other.is_released && terms.value_date <= wire.value_date &&
        terms.value_date >= local_day(definition.time_zone, who.now) &&
        !is_settled_by(transaction, fund, terms, wire.value_date))
      pending += terms.amount;
  }
  require(
      cash::check_wire_funds(
          wire, settled_cash(transaction, fund, wire.value_date, local_day(definition.time_zone, who.now)),
          is_settled_by(transaction, fund, wire, wire.value_date), pending),
      where);
  const auto account = find_account(transaction, fund, wire.account);
  const StoredProposal payee = known_proposal(transaction, fund, "payee", wire.payee);
  ENSURE(account.has_value());
  const std::string instruction =
      instruction_of(fund, wire, *account, std::get<cash::Payee>(payee.proposal.terms));
  db::execute(transaction,
              "INSERT INTO wire_release (fund_id, wire_id, kind, is_approved, instruction, instruction_hash, "
              "released_by, known_at_ns) VALUES ($1, $2, 'wire', true, $3, $4, $5, $6)",
              fund, id, instruction, hash_of(instruction), who.actor.id, who.now.ns());
  announce_cash(transaction, fund, "wire_released", instruction, who);
  return {instruction, true};
}

}  // namespace navkeeper::nav
