#pragma once
// Staking's schema with a fund in it (tests/unit/services/staking/fund_world.h).
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/errors.h"
#include "common/db/pqxx_access.h"
#include "services/staking/adapters/staking_store.h"
#include "tests/db/postgres_fixture.h"
#include "tests/unit/services/staking/fund_world.h"

namespace navkeeper::staking {

inline constexpr const char* kActor = "test";
inline const model::FundId kOther = model::FundId::literal("BTCETH");

class StakingStoreTest : public test::PostgresTest {
 protected:
  db::Pool& pool() { return service_pool("staking"); }
  PostgresStakingStore store() { return PostgresStakingStore(pool()); }
  std::int64_t rows(const std::string& table) {
    return service_pool("auditor").transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM staking." + table)[0][0].as<std::int64_t>();
    });
  }
  /// The constraint that refuses a statement of staking's own role, or the SQL state; "": nothing does.
  std::string constraint(const std::string& sql) {
    try {
      pool().transact([&](db::Transaction& transaction) { return db::execute(transaction, sql); });
      return "";
    } catch (const db::ConstraintViolation& violation) {
      return violation.constraint;
    } catch (const db::SqlError& error) {
      return error.sqlstate;
    }
  }
  void synced(const char* delegated = "1000000") {
    store().save(world::kFund, world::sync_result(delegated), world::hours_ago(1), kActor);
  }
};

}  // namespace navkeeper::staking
