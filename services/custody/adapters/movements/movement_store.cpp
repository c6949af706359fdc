#include "services/custody/adapters/movements/movement_store.h"

#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/movements/movement_limit_store.h"
#include "services/custody/adapters/movements/movement_match_store.h"
#include "services/custody/app/test_stake.h"

// Deciding on movements, and the port by which they are followed; what is shown is in movement_view.cpp.
namespace navkeeper::custody {
namespace {

using S = MovementState;
using money::Decimal;

/// Longer than any id that a custodian's records are believed with.
constexpr std::size_t kCustodianIdBytesMax = 600;
constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

int next_seq(const StoredMovement& seen) { return static_cast<int>(seen.events.size()) + 1; }

void add_event(db::Transaction& transaction, const model::FundId& fund, const StoredMovement& seen,
               const MovementChange& change, const MovementActor& who) {
  std::optional<S> from;
  if (!seen.events.empty()) from = seen.events.back().change.state;
  ENSURE(may_follow(from, change.state));
  std::optional<int> previous;
  std::optional<std::string> previous_state;
  if (from) {
    previous = next_seq(seen) - 1;
    previous_state = std::string(describe(*from));
  }
  std::optional<int> approvals;
  if (change.state == S::kApprovedOnce) approvals = 1;
  if (change.state != S::kProposed && change.state != S::kApprovedOnce && change.state != S::kWithdrawn)
    approvals = 2;
  db::execute(transaction,
              "INSERT INTO movement_event (fund_id, movement_id, seq, previous, previous_state, state, kind, "
              "approvals, detail, custodian_id, transaction_id, status, document, actor, at_ns) "
              "VALUES ($1, $2, $3, $4, $5, $6, 'movement', $7, $8, $9, $10, $11, $12, $13, $14)",
              fund, seen.movement.id, next_seq(seen), previous, previous_state, describe(change.state),
              approvals, change.detail, change.custodian_id, change.transaction_id, change.status,
              change.document, who.actor.id, who.now);
}

std::string fact_of(const model::FundId& fund, const std::string& id, const MovementChange& change) {
  json::Writer out;
  out.begin_object()
      .member("custodian_id", change.custodian_id)
      .member("detail", change.detail)
      .member("fund", fund.value())
      .member("id", id)
      .member("state", describe(change.state))
      .member("status", change.status)
      .member("transaction_id", change.transaction_id);
  return out.end_object().take();
}

std::string test_fact(const model::FundId& fund, const std::string& id, const StakeTest& test) {
  json::Writer out;
  out.begin_object().member("detail", test.detail).member("fund", fund.value()).member("id", id);
  return out.member("outcome", describe(test.outcome)).end_object().take();
}

void announce(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
              const MovementChange& change, const MovementActor& who) {
  announce_movement(transaction, fund, "movement_" + std::string(describe(change.state)),
                    fact_of(fund, id, change), who);
}

/// One more state of a movement that was read under the lock.
void follow(db::Transaction& transaction, const model::FundId& fund, const StoredMovement& seen,
            const MovementChange& change, const MovementActor& who) {
  add_event(transaction, fund, seen, change, who);
  announce(transaction, fund, seen.movement.id, change, who);
}

std::set<model::Role> roles_that(const model::Actor& actor, bool (*test)(model::Role)) {
  std::set<model::Role> roles;
  for (const model::Role role : actor.roles) {
    if (test(role)) roles.insert(role);
  }
  return roles;
}

/// The whitelisted address of a withdrawal, which must take coins now.
StoredRule standing_destination(db::Transaction& transaction, const model::FundId& fund,
                                const Movement& movement, time::Instant now) {
  const std::string where = "movement " + movement.id + ": destination";
  const auto found = load_movement_rules(transaction, fund, "destination", movement.destination);
  if (found.empty()) base::refuse(where, movement.destination + " is not whitelisted");
  const StoredRule& stored = found.front();
  const std::string state = stored.state(now);
  if (state == "cooling_off")
    base::refuse(where, movement.destination + " cools off until " + stored.active_from->to_string());
  if (state != "in_force") base::refuse(where, movement.destination + " is " + state + ", not whitelisted");
  const auto& destination = std::get<Destination>(stored.rule.terms);
  if (destination.asset != movement.asset)
    base::refuse(where, movement.destination + " takes " + destination.asset.value());
  // What was whitelisted under older rules takes coins under those of now alone.
  if (const auto checked = check_destination(destination); checked.has_error())
    throw base::Refused(checked.error().within(where + " " + movement.destination));
  if (const int decimals = decimals_at(destination); movement.amount.scale() > decimals)
    base::refuse("movement " + movement.id + ": amount", "has more decimals than " + movement.asset.value() +
                                                             " has there (" + std::to_string(decimals) + ")");
  return stored;
}

const CustodianSettings& custodian_of(const Settings& settings, const model::FundId& fund,
                                      const Movement& movement) {
  for (const CustodianSettings& one : settings.custodians) {
    if (one.fund == fund && one.name == movement.custodian) return one;
  }
  base::refuse("movement " + movement.id + ": custodian",
               movement.custodian + " is not configured for " + fund.value());
}

void require_takes(const CustodianSettings& custodian, const Movement& movement) {
  const auto checked = base::checked([&] {
    refuse_what_is_never_taken(
        custodian.protocol, {movement.kind, "", movement.account, movement.asset.value(), movement.amount});
    return true;
  });
  if (checked.has_error()) throw base::Refused(checked.error().within("movement " + movement.id));
}

/// Under the lock: what kept nothing from being sent when it was looked at keeps nothing now.
bool may_be_sent(const StoredMovement& now, const StoredMovement& seen) {
  return !now.is_destination_revoked && now.destination_trouble.empty() && now.over_limits_of.empty() &&
         now.dollar_cap == seen.dollar_cap;
}

MovementEvent event_of(const pqxx::row& row) {
  MovementEvent event;
  event.change.state = *parse_movement_state(row["state"].as<std::string>());
  event.change.detail = row["detail"].as<std::string>();
  event.change.custodian_id = row["custodian_id"].as<std::string>();
  event.change.transaction_id = row["transaction_id"].as<std::string>();
  event.change.status = row["status"].as<std::string>();
  event.change.document = row["document"].as<std::string>();
  event.actor = row["actor"].as<std::string>();
  event.at = time::Instant::from_ns(row["at_ns"].as<std::int64_t>());
  return event;
}

std::vector<StoredMovement> load(db::Transaction& transaction, const model::FundId& fund,
                                 const std::string& id, bool open_only) {
  std::vector<StoredMovement> movements;
  std::map<std::string, std::size_t> place;
  for (const auto& row : db::query(
           transaction,
           "SELECT p.content, p.proposed_by, m.client_id, t.outcome AS test_outcome, t.detail AS "
           "test_detail, "
           "d.content AS destination, w.fund_id IS NOT "
           "NULL AS revoked, "
           // By the policy in force now and the database's clock.
           "c.approved_at_ns + n.cooling_off_s * 1000000000 AS cool_at, "
           "c.approved_at_ns + n.cooling_off_s * 1000000000 > extract(epoch FROM clock_timestamp()) * "
           "1000000000 AS is_cooling, "
           "a.known_at_ns + l.lapses_after_s * 1000000000 AS lapses_at, n.policy_id AS policy, "
           // What was proposed or approved under limits that are not there any more.
           "EXISTS (SELECT FROM movement_limit_use s WHERE s.fund_id = m.fund_id AND s.movement_id = "
           "m.movement_id AND NOT EXISTS (SELECT FROM movement_limit n1 WHERE (n1.fund_id, n1.policy_id, "
           "n1.asset, n1.movement, n1.role) = (s.fund_id, n.policy_id, s.asset, s.movement, s.role) "
           "AND n1.per_movement >= s.amount AND n1.per_person_day >= s.total)) "
           "OR EXISTS (SELECT FROM movement_role_use s WHERE s.fund_id = m.fund_id AND s.movement_id = "
           "m.movement_id AND NOT EXISTS (SELECT FROM movement_limit n1 WHERE (n1.fund_id, n1.policy_id, "
           "n1.asset, n1.movement, n1.role) = (s.fund_id, n.policy_id, s.asset, s.movement, s.role) "
           "AND n1.per_day >= s.total)) "
           "OR EXISTS (SELECT FROM movement_limit_use s JOIN movement_dollar_limit n1 ON (n1.fund_id, "
           "n1.policy_id, n1.movement, n1.role) = (s.fund_id, n.policy_id, s.movement, s.role) "
           "WHERE s.fund_id = m.fund_id AND s.movement_id = m.movement_id AND NOT EXISTS (SELECT FROM "
           "movement_dollar_use u WHERE (u.fund_id, u.movement_id, u.role, u.day) = (s.fund_id, "
           "s.movement_id, s.role, s.day) AND u.dollars <= n1.per_movement AND u.total <= n1.per_day)) "
           "AS is_over_limits, "
           // What it may be worth when it is sent, by the policy in force now.
           "(SELECT min(n1.per_movement) FROM movement_limit_use s JOIN movement_dollar_limit n1 ON "
           "(n1.fund_id, n1.policy_id, n1.movement, n1.role) = (s.fund_id, n.policy_id, s.movement, s.role) "
           "WHERE s.fund_id = m.fund_id AND s.movement_id = m.movement_id) AS dollars_max, "
           "q.act AS price_act, q.basis AS price_basis, q.price_age_days, v.dollars, v.price, v.price_date "
           "FROM movement m JOIN movement_proposal p ON (p.fund_id, p.kind, p.proposal_id) = "
           "(m.fund_id, m.kind, m.movement_id) "
           "LEFT JOIN movement_stake_test t ON (t.fund_id, t.movement_id) = (m.fund_id, m.movement_id) "
           "LEFT JOIN movement_proposal d ON d.fund_id = m.fund_id AND d.kind = 'destination' AND "
           "d.proposal_id = m.destination_id "
           "LEFT JOIN movement_rule_withdrawal w ON w.fund_id = m.fund_id AND w.kind = 'destination' "
           "AND w.proposal_id = m.destination_id "
           "LEFT JOIN movement_approval a ON (a.fund_id, a.kind, a.proposal_id) = (m.fund_id, m.kind, "
           "m.movement_id) AND a.place = 2 "
           "LEFT JOIN movement_limit_use u ON u.fund_id = a.fund_id AND u.movement_id = a.proposal_id "
           "AND u.actor = a.decided_by "
           "LEFT JOIN movement_policy l ON (l.fund_id, l.policy_id) = (u.fund_id, u.policy_id) "
           "LEFT JOIN LATERAL (SELECT policy_id, cooling_off_s FROM movement_policy WHERE fund_id = "
           "m.fund_id ORDER BY seq DESC LIMIT 1) n ON true "
           "LEFT JOIN movement_dollar_terms q ON (q.fund_id, q.policy_id) = (m.fund_id, n.policy_id) "
           "LEFT JOIN LATERAL (SELECT dollars, price, price_date FROM movement_dollar_use WHERE fund_id = "
           "m.fund_id AND movement_id = m.movement_id ORDER BY known_at_ns DESC LIMIT 1) v ON true "
           "LEFT JOIN movement_destination c ON (c.fund_id, c.destination_id) = (m.fund_id, "
           "m.destination_id) "
           "WHERE m.fund_id = $1 AND ($2 = '' OR m.movement_id = $2) AND (NOT $3 OR NOT EXISTS ("
           "SELECT FROM movement_event e WHERE e.fund_id = m.fund_id AND e.movement_id = m.movement_id "
           "AND e.state IN ('confirmed', 'failed', 'withdrawn'))) ORDER BY p.seq",
           fund, id, open_only)) {
    StoredMovement stored;
    stored.movement = read_movement(base::value_or_refuse(json::parse(row["content"].as<std::string>())));
    stored.client_id = row["client_id"].as<std::string>();
    stored.proposed_by = row["proposed_by"].as<std::string>();
    if (!row["destination"].is_null())
      stored.destination = std::get<Destination>(
          read_stored_rule(base::value_or_refuse(json::parse(row["destination"].as<std::string>()))).terms);
    if (!row["test_outcome"].is_null())
      stored.stake_test = StakeTest{*parse_stake_test_outcome(row["test_outcome"].as<std::string>()),
                                    row["test_detail"].as<std::string>()};
    stored.is_destination_revoked = row["revoked"].as<bool>();
    if (stored.destination) {
      if (const auto checked = check_destination(*stored.destination); checked.has_error())
        stored.destination_trouble = checked.error().where + " " + checked.error().rule;
      else if (!row["is_cooling"].is_null() && row["is_cooling"].as<bool>())
        stored.destination_trouble = "cools off until " +
                                     time::Instant::from_ns(row["cool_at"].as<std::int64_t>()).to_string() +
                                     " by policy " + row["policy"].as<std::string>();
    }
    if (row["is_over_limits"].as<bool>()) stored.over_limits_of = row["policy"].as<std::string>();
    if (!row["dollars_max"].is_null())
      stored.dollar_cap = DollarCap{row["policy"].as<std::string>(),
                                    {row["price_act"].as<std::string>(),
                                     row["price_basis"].as<std::string>(),
                                     row["price_age_days"].as<int>(),
                                     {}},
                                    row["dollars_max"].as<Decimal>()};
    if (!row["dollars"].is_null())
      stored.worth = Worth{row["dollars"].as<Decimal>(), row["price"].as<Decimal>(),
                           *time::Date::parse(row["price_date"].as<std::string>())};
    if (!row["lapses_at"].is_null())
      stored.lapses_at = time::Instant::from_ns(row["lapses_at"].as<std::int64_t>());
    place[stored.movement.id] = movements.size();
    movements.push_back(std::move(stored));
  }
  if (movements.empty()) return movements;
  for (const auto& row :
       db::query(transaction,
                 "SELECT movement_id, state, detail, custodian_id, transaction_id, status, document, "
                 "actor, at_ns FROM movement_event WHERE fund_id = $1 AND ($2 = '' OR movement_id = $2) "
                 "ORDER BY movement_id, seq",
                 fund, id)) {
    const auto found = place.find(row["movement_id"].as<std::string>());
    if (found != place.end()) movements[found->second].events.push_back(event_of(row));
  }
  return movements;
}

}  // namespace

std::vector<StoredMovement> load_movements(db::Transaction& transaction, const model::FundId& fund,
                                           const std::string& id) {
  return load(transaction, fund, id, false);
}

StoredMovement known_movement(db::Transaction& transaction, const model::FundId& fund,
                              const std::string& id) {
  auto found = load(transaction, fund, id, false);
  if (id.empty() || found.empty()) base::refuse(fund.value() + " " + id, "is not a known movement");
  return std::move(found.front());
}

void require_proposer(const MovementActor& who) {
  model::require_role(who.actor, {model::Role::kMaker, model::Role::kService}, "propose a movement of coins");
}

bool propose_movement(db::Transaction& transaction, const Settings& settings, const model::FundId& fund,
                      const Movement& movement, const MovementActor& who, const StakeTest& test,
                      const CoinPrice& price) {
  require_proposer(who);
  require_fund_of_custody(settings, fund);
  require_takes(custodian_of(settings, fund, movement), movement);
  lock_movements(transaction, fund);
  const std::string content = movement_content(movement);
  if (!add_movement_proposal(transaction, fund, "movement", movement.id, content, who)) return false;
  std::optional<std::string> destination;
  std::optional<std::int64_t> active_from;
  if (movement.kind == MovementKind::kWithdrawal) {
    active_from = standing_destination(transaction, fund, movement, who.now).first_active_from->ns();
    destination = movement.destination;
  }
  use_limit(transaction, fund, movement, roles_that(who.actor, may_propose), price, who);
  if (test.outcome == StakeTest::Outcome::kAllowed &&
      unseen_stakes(load(transaction, fund, "", true), movement, time::Instant::latest()) != test.unseen)
    throw base::Conflict(
        "movement " + movement.id +
        ": other stakes were proposed or ended while its test was asked for: propose it again");
  StoredMovement stored;
  stored.movement = movement;
  stored.client_id = movement_client_id(fund, movement.id);
  db::execute(
      transaction,
      "INSERT INTO movement (fund_id, movement_id, kind, movement, custodian, account, asset, amount, "
      "client_id, destination_id, destination_active_ns, proposed_by, known_at_ns) "
      "VALUES ($1, $2, 'movement', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      fund, movement.id, describe(movement.kind), movement.custodian, movement.account, movement.asset,
      movement.amount, stored.client_id, destination, active_from, who.actor.id, who.now);
  if (movement.kind == MovementKind::kStake)
    db::execute(
        transaction,
        "INSERT INTO movement_stake_test (fund_id, movement_id, movement, outcome, detail, known_at_ns) "
        "VALUES ($1, $2, 'stake', $3, $4, $5)",
        fund, movement.id, describe(test.outcome), test.detail, who.now);
  add_event(transaction, fund, stored, {S::kProposed, movement.reason}, who);
  announce_movement(transaction, fund, "movement_proposed", content, who);
  if (movement.kind == MovementKind::kStake)
    announce_movement(transaction, fund, "movement_stake_tested", test_fact(fund, movement.id, test), who);
  return true;
}

bool approve_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                      const MovementActor& who, const CoinPrice& price) {
  model::require_role(who.actor, model::Role::kApprover, "approve what moves coins");
  lock_movements(transaction, fund);
  const MovementProposal proposal = known_movement_proposal(transaction, fund, "movement", id);
  const StoredMovement stored = known_movement(transaction, fund, id);
  const S state = standing_of(stored.events).state;
  if (state == S::kWithdrawn)
    base::refuse("movement " + id, "was withdrawn by " + stored.events.back().actor);
  const int place = movement_approval_place(proposal, who);
  if (place == 0) return false;
  if (stored.movement.kind == MovementKind::kWithdrawal)
    standing_destination(transaction, fund, stored.movement, who.now);
  use_limit(transaction, fund, stored.movement, roles_that(who.actor, may_approve), price, who);
  add_movement_approval(transaction, fund, proposal, who);
  add_event(transaction, fund, stored,
            {place == 1 ? S::kApprovedOnce : S::kApprovedTwice, "by " + who.actor.id.value()}, who);
  return true;
}

bool withdraw_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                       const MovementActor& who) {
  model::require_role(who.actor, {model::Role::kMaker, model::Role::kApprover, model::Role::kService},
                      "withdraw a movement of coins");
  lock_movements(transaction, fund);
  const StoredMovement stored = known_movement(transaction, fund, id);
  const S state = standing_of(stored.events).state;
  if (state == S::kWithdrawn) return false;
  if (stored.proposed_by != who.actor.id.value() && !who.actor.has(model::Role::kApprover))
    throw base::NotPermitted({"movement " + id, "may be withdrawn by who proposed it or by an approver"});
  if (!may_follow(state, S::kWithdrawn))
    base::refuse("movement " + id, "is " + std::string(describe(state)) + ": it may have left");
  follow(transaction, fund, stored, {S::kWithdrawn, "by " + who.actor.id.value()}, who);
  return true;
}

void retry_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                    const std::string& reason, const MovementActor& who) {
  model::require_role(who.actor, model::Role::kOperator, "let a movement of coins be sent again");
  if (reason.empty()) base::refuse("reason", "is empty");
  lock_movements(transaction, fund);
  const StoredMovement stored = known_movement(transaction, fund, id);
  const S state = standing_of(stored.events).state;
  if (state != S::kNotFound)
    base::refuse("movement " + id, "is " + std::string(describe(state)) +
                                       ": only what the custodian's history does not have is sent again");
  follow(transaction, fund, stored, {S::kApprovedTwice, "again: " + reason}, who);
}

void require_matcher(const model::Actor& actor) {
  model::require_role(actor, model::Role::kOperator, "name the custodian's record of a movement");
}

void match_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                    const std::string& custodian_id, const MovementActor& who) {
  require_matcher(who.actor);
  if (custodian_id.empty() || custodian_id.size() > kCustodianIdBytesMax)
    base::refuse("custodian_id", "must be from 1 to " + std::to_string(kCustodianIdBytesMax) + " bytes");
  lock_movements(transaction, fund);
  const StoredMovement stored = known_movement(transaction, fund, id);
  const S state = standing_of(stored.events).state;
  if (state != S::kInDoubt)
    base::refuse("movement " + id, "is " + std::string(describe(state)) + ", not in doubt");
  if (stored.proposed_by == who.actor.id.value())
    throw base::NotPermitted({"movement " + id, "is matched by another than who proposed it"});
  if (!claim_record(transaction, fund, stored.movement, custodian_id, who.now))
    throw base::Conflict("movement " + id + ": " + custodian_id + " is another movement's");
  follow(transaction, fund, stored, {S::kSent, "named by " + who.actor.id.value(), custodian_id}, who);
}

std::vector<StoredMovement> PostgresMovementStore::open(const model::FundId& fund) {
  return pool_.transact([&](db::Transaction& transaction) { return load(transaction, fund, "", true); },
                        kReading);
}

Added PostgresMovementStore::add(const model::FundId& fund, const StoredMovement& seen,
                                 const std::vector<MovementChange>& changes,
                                 const std::vector<RawAnswer>& raw, const std::vector<Alarm>& alarms,
                                 const std::string& actor, time::Instant now) {
  struct Taken {};  // rolls back
  const MovementActor who{{model::ActorId::literal(actor), {}}, now};
  try {
    return pool_.transact([&](db::Transaction& transaction) {
      lock_movements(transaction, fund);
      StoredMovement stored = known_movement(transaction, fund, seen.movement.id);
      if (stored.events.size() != seen.events.size()) return Added::kOvertaken;
      if (!changes.empty() && changes.front().state == S::kSending && !may_be_sent(stored, seen))
        return Added::kOvertaken;
      for (const MovementChange& change : changes) {
        if (!change.custodian_id.empty() &&
            !claim_record(transaction, fund, stored.movement, change.custodian_id, now))
          throw Taken();
        follow(transaction, fund, stored, change, who);
        stored.events.push_back({change, actor, now});
        if (is_ended(change.state) && !change.custodian_id.empty())
          release_other_records(transaction, fund, stored, who);
      }
      keep_evidence(transaction, fund, stored.movement.custodian, raw, alarms, now);
      return Added::kAdded;
    });
  } catch (const Taken&) {
    return Added::kTaken;
  }
}

std::set<std::string> PostgresMovementStore::taken(const model::FundId& fund, const std::string& custodian,
                                                   const std::string& other_than) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        return records_of_others(transaction, fund, custodian, other_than);
      },
      kReading);
}

}  // namespace navkeeper::custody
