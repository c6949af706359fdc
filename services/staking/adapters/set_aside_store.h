#pragma once
// States that two people set aside, in PostgreSQL (sql/staking/0011_set_aside).
#include <set>
#include <string>

#include "common/db/pool.h"
#include "services/staking/app/set_aside.h"

namespace navkeeper::staking {

class PostgresSetAsideStore final : public SetAsideStore {
 public:
  explicit PostgresSetAsideStore(db::Pool& pool) : pool_(pool) {}
  SetAside propose(const model::FundId& fund, const std::string& source, std::uint64_t height,
                   const std::string& reason, const model::ActorId& actor, time::Instant now) override;
  SetAside approve(const model::FundId& fund, std::int64_t number, const model::ActorId& actor,
                   time::Instant now) override;
  std::vector<SetAside> all(const model::FundId& fund) override;

 private:
  db::Pool& pool_;
};

/// SQL: whether the row of `table` (fund_id, source, known_at_ns and its instant in `at`) stands by what was
/// known at the parameter `known_at` ("$4").
std::string stands(const std::string& table, const std::string& at, const std::string& known_at);

/// How often states of the source were set aside.
std::int64_t times_set_aside(db::Transaction& transaction, const model::FundId& fund,
                             const std::string& source);

/// Whether any were since that instant: whoever read the source from then on may have gone on from one.
bool was_set_aside_since(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                         time::Instant since);

/// The heights of the source's states that were set aside.
std::set<std::uint64_t> heights_set_aside(db::Transaction& transaction, const model::FundId& fund,
                                          const std::string& source);

}  // namespace navkeeper::staking
