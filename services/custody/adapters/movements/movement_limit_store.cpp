#include "services/custody/adapters/movements/movement_limit_store.h"

#include <map>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/custody/adapters/movements/movement_rule_store.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

std::string day_of(time::Instant now) { return time::utc_date(now).to_string(); }

/// The last row of a running total of a day: nothing where there is none.
struct RunningTotal {
  int position = 0;
  Decimal total;
  std::optional<int> previous() const { return position == 0 ? std::nullopt : std::optional(position); }
};

/// A role's day so far, and how much of it is the movement's own (it was proposed or approved in that role on
/// that day before).
struct RoleDay {
  RunningTotal so_far;
  Decimal of_this;
};

RoleDay role_day_of(const pqxx::result& rows) {
  if (rows.empty()) return {};
  return {{rows[0]["position"].as<int>(), rows[0]["total"].as<Decimal>()}, rows[0]["of_this"].as<Decimal>()};
}

RunningTotal persons_day(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                         const MovementActor& who) {
  const auto last =
      db::query(transaction,
                "SELECT position, total FROM movement_limit_use WHERE fund_id = $1 AND actor = $2 "
                "AND asset = $3 AND movement = $4 AND day = $5::date ORDER BY position DESC LIMIT 1",
                fund, who.actor.id, movement.asset, describe(movement.kind), day_of(who.now));
  if (last.empty()) return {};
  return {last[0]["position"].as<int>(), last[0]["total"].as<Decimal>()};
}

RoleDay roles_day(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                  model::Role role, time::Instant now) {
  const auto rows = db::query(
      transaction,
      "SELECT position, total, coalesce((SELECT amount FROM movement_role_use o WHERE o.fund_id = $1 "
      "AND o.movement_id = $6 AND o.role = $2 AND o.day = $5::date), 0) AS of_this "
      "FROM movement_role_use WHERE fund_id = $1 AND role = $2 AND asset = $3 AND movement = $4 "
      "AND day = $5::date ORDER BY position DESC LIMIT 1",
      fund, model::describe(role), movement.asset, describe(movement.kind), day_of(now), movement.id);
  return role_day_of(rows);
}

/// What a movement takes of a role's limit in dollars.
struct DollarDay {
  DollarLimit limit;
  RoleDay day;
  OfficialPrice price;  ///< where it is not in the day yet
  Decimal dollars;
};

RoleDay roles_dollars(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                      model::Role role, time::Instant now) {
  const auto rows = db::query(
      transaction,
      "SELECT position, total, coalesce((SELECT dollars FROM movement_dollar_use o WHERE o.fund_id = $1 "
      "AND o.movement_id = $5 AND o.role = $2 AND o.day = $4::date), 0) AS of_this "
      "FROM movement_dollar_use WHERE fund_id = $1 AND role = $2 AND movement = $3 AND day = $4::date "
      "ORDER BY position DESC LIMIT 1",
      fund, model::describe(role), describe(movement.kind), day_of(now), movement.id);
  return role_day_of(rows);
}

/// By the price, or as it is in the role's day already.
DollarDay valued(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                 const DollarTerms& terms, const DollarLimit& limit, const CoinPrice& price,
                 time::Instant now) {
  DollarDay valued{limit, roles_dollars(transaction, fund, movement, limit.role, now), {}, {}};
  valued.dollars = valued.day.of_this;
  if (!valued.dollars.is_zero()) return valued;
  const auto usable = usable_price(terms, price, time::utc_date(now), movement.asset);
  if (usable.has_error()) {
    const base::Refusal refusal = usable.error().within("movement " + movement.id);
    if (price.is_unavailable) throw base::Unavailable(refusal.message());
    throw base::Refused(refusal);
  }
  valued.price = *usable;
  valued.dollars = dollars_of(movement.amount, usable->dollars);
  return valued;
}

void use_dollars(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                 const MovementPolicy& policy, const DollarDay& used, const MovementActor& who) {
  const RunningTotal& so_far = used.day.so_far;
  db::execute(
      transaction,
      "INSERT INTO movement_dollar_use (fund_id, role, movement, day, position, previous, total_before, "
      "movement_id, asset, amount, act, basis, price_age_days, price, price_date, price_sha256, dollars, "
      "total, policy_id, per_movement, per_day, known_at_ns) VALUES ($1, $2, $3, $4::date, $5, $6, $7, $8, "
      "$9, $10, $11, $12, $13, $14, $15::date, $16, $17, $18, $19, $20, $21, $22)",
      fund, model::describe(used.limit.role), describe(movement.kind), day_of(who.now), so_far.position + 1,
      so_far.previous(), so_far.total, movement.id, movement.asset, movement.amount, policy.dollars->act,
      policy.dollars->basis, policy.dollars->price_age_days, used.price.dollars, used.price.date.to_string(),
      used.price.sha256, used.dollars, so_far.total + used.dollars, policy.id, used.limit.per_movement,
      used.limit.per_day, who.now);
}

}  // namespace

void use_limit(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
               const std::set<model::Role>& roles, const CoinPrice& price, const MovementActor& who) {
  const auto policy = policy_in_force(transaction, fund);
  const std::string where = "movement " + movement.id;
  if (!policy) base::refuse(where, "no policy is in force: nothing may move");
  std::set<model::Role> within = roles;  // those whose dollars it fits in
  std::map<model::Role, DollarDay> dollars;
  std::optional<base::Refusal> above;
  for (const model::Role role : roles) {
    const DollarLimit* const limit = dollar_limit(*policy, movement.kind, role);
    if (limit == nullptr) continue;
    const DollarDay used = valued(transaction, fund, movement, *policy->dollars, *limit, price, who.now);
    dollars.emplace(role, used);
    if (auto refusal = above_dollars(*limit, used.dollars, used.day.so_far.total - used.day.of_this)) {
      within.erase(role);
      above = std::move(refusal);
    }
  }
  const RunningTotal person = persons_day(transaction, fund, movement, who);
  LimitUse use{person.total};
  std::map<model::Role, RoleDay> days;
  for (const model::Role role : within) {
    days[role] = roles_day(transaction, fund, movement, role, who.now);
    use.of_role[role] = days[role].so_far.total - days[role].of_this;
  }
  const auto limit = limit_for(*policy, movement, within, use);
  if (limit.has_error()) throw base::Refused((above ? *above : limit.error()).within(where));
  const RoleDay& day = days[limit->role];
  if (day.of_this.is_zero())
    db::execute(transaction,
                "INSERT INTO movement_role_use (fund_id, role, asset, movement, day, position, previous, "
                "total_before, movement_id, amount, total, policy_id, per_day, known_at_ns) "
                "VALUES ($1, $2, $3, $4, $5::date, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                fund, model::describe(limit->role), movement.asset, describe(movement.kind), day_of(who.now),
                day.so_far.position + 1, day.so_far.previous(), day.so_far.total, movement.id,
                movement.amount, day.so_far.total + movement.amount, policy->id, limit->per_day, who.now);
  if (const auto used = dollars.find(limit->role);
      used != dollars.end() && used->second.day.of_this.is_zero())
    use_dollars(transaction, fund, movement, *policy, used->second, who);
  db::execute(
      transaction,
      "INSERT INTO movement_limit_use (fund_id, actor, asset, movement, day, role_day, position, previous, "
      "total_before, movement_id, amount, total, policy_id, role, per_movement, per_person_day, known_at_ns) "
      "VALUES ($1, $2, $3, $4, $5::date, $5::date, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
      fund, who.actor.id, movement.asset, describe(movement.kind), day_of(who.now), person.position + 1,
      person.previous(), person.total, movement.id, movement.amount, person.total + movement.amount,
      policy->id, model::describe(limit->role), limit->per_movement, person_limit(*limit), who.now);
}

}  // namespace navkeeper::custody
