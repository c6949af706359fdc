#pragma once
// A fund with a policy in force, a whitelisted address and people, for the tests of movements.
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::custody {

inline const model::FundId kFund = model::FundId::literal("BTCETH");
inline const time::Instant kNow = time::Instant::literal("2026-03-05T10:00:00Z");
inline constexpr const char* kAddress = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";

class MovementTest : public test::PostgresTest {
 protected:
  MovementTest() {
    for (const auto& [name, protocol] : {std::pair{"cc", CustodianProtocol::kCryptoCom},
                                         std::pair{"pr", CustodianProtocol::kCoinbasePrime}}) {
      CustodianSettings one;
      one.name = name;
      one.protocol = protocol;
      one.fund = kFund;
      settings_.custodians.push_back(one);
    }
  }

  db::Pool& pool() { return service_pool("custody"); }
  template <class Does>
  auto in(Does&& does) {
    return pool().transact([&](db::Transaction& transaction) { return does(transaction); });
  }
  static MovementActor who(const std::string& name, model::Role role, time::Instant now = kNow) {
    return {{model::ActorId::literal(name), {role}}, now};
  }
  static MovementActor maker(time::Instant now = kNow) { return who("mia", model::Role::kMaker, now); }
  static MovementActor ann(time::Instant now = kNow) { return who("ann", model::Role::kApprover, now); }
  static MovementActor bob(time::Instant now = kNow) { return who("bob", model::Role::kApprover, now); }
  static MovementActor olga(time::Instant now = kNow) { return who("olga", model::Role::kOperator, now); }

  static MovementRule policy(const std::string& id, const std::string& per_movement = "10",
                             const std::string& per_day = "25") {
    MovementPolicy made;
    made.id = id;
    made.cooling_off = time::Duration::hours(24);
    made.lapses_after = time::Duration::hours(48);
    for (const char* asset : {"BTC", "ETH"}) {
      for (const MovementKind kind :
           {MovementKind::kWithdrawal, MovementKind::kStake, MovementKind::kUnstake}) {
        for (const model::Role role : {model::Role::kMaker, model::Role::kApprover, model::Role::kService})
          made.limits.push_back({model::AssetId::literal(asset), kind, role,
                                 money::Decimal::literal(per_movement), money::Decimal::literal(per_day)});
      }
    }
    return {made};
  }
  static MovementRule destination(const std::string& id, const std::string& address = kAddress) {
    return {Destination{id, "an AP", model::AssetId::literal("BTC"), "", address, ""}};
  }
  static Movement withdrawal(const std::string& id, const std::string& amount = "1") {
    Movement movement;
    movement.id = id;
    movement.kind = MovementKind::kWithdrawal;
    movement.custodian = "cc";
    movement.asset = model::AssetId::literal("BTC");
    movement.amount = money::Decimal::literal(amount);
    movement.destination = "ap";
    movement.reason = "redemption";
    return movement;
  }
  static Movement stake(const std::string& id, const std::string& amount) {
    Movement movement = withdrawal(id, amount);
    movement.kind = MovementKind::kStake;
    movement.asset = model::AssetId::literal("ETH");
    movement.destination.clear();
    return movement;
  }

  void enforce(const MovementRule& rule, time::Instant now = kNow) {
    const std::string kind(rule.kind());
    in([&](auto& t) { return propose_movement_rule(t, settings_, kFund, rule, maker(now)); });
    in([&](auto& t) { return approve_movement_rule(t, kFund, kind, rule.id(), ann(now)); });
    in([&](auto& t) { return approve_movement_rule(t, kFund, kind, rule.id(), bob(now)); });
  }
  /// A policy and an address "ap" that coins may go to at kNow.
  void open_for_business() {
    enforce(policy("p1"), kNow - time::Duration::hours(30));
    enforce(destination("ap"), kNow - time::Duration::hours(25));
  }
  void propose(const Movement& movement, time::Instant now = kNow) {
    in([&](auto& t) { return propose_movement(t, settings_, kFund, movement, maker(now)); });
  }
  void approve_twice(const std::string& id, time::Instant now = kNow) {
    in([&](auto& t) { return approve_movement(t, kFund, id, ann(now)); });
    in([&](auto& t) { return approve_movement(t, kFund, id, bob(now)); });
  }
  StoredMovement movement(const std::string& id) {
    return in([&](auto& t) { return known_movement(t, kFund, id); });
  }
  MovementState state(const std::string& id) { return standing_of(movement(id).events).state; }

  /// What refuses it; empty: nothing.
  template <class Does>
  std::string refusal(Does&& does) {
    try {
      in([&](db::Transaction& transaction) {
        does(transaction);
        return 0;
      });
      return "";
    } catch (const base::Refused& refused) {
      return refused.what();
    } catch (const base::Conflict& conflict) {
      return conflict.what();
    }
  }
  /// The constraint that refuses a statement of custody's own role; "" when nothing does.
  std::string constraint(const std::string& sql) {
    try {
      in([&](db::Transaction& transaction) { return db::execute(transaction, sql); });
      return "";
    } catch (const db::ConstraintViolation& violation) {
      return violation.constraint;
    } catch (const db::SqlError& error) {
      return error.sqlstate;
    }
  }

  Settings settings_;
};

}  // namespace navkeeper::custody
