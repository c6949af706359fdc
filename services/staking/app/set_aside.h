#pragma once
// States of a chain that a node invented. Nothing that was read is ever deleted, and what a node says of a
// state that was read must be what was stored: so a false state would keep the truth out for ever. Two people
// may set it aside, and with it every later one of its source: from then on they are in no answer (in those
// about knowledge of before they still are), and the next reading goes on from the last state that stays.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/id.h"
#include "common/time/instant.h"
#include "services/staking/domain/position.h"

namespace navkeeper::staking {

/// Behind the refusal of who contradicts what was stored.
inline constexpr const char* kSetAsideHint =
    " (where that was false, two people set it aside: navkeeper staking set-aside --help)";

struct SetAside {
  std::int64_t number = 0;  ///< of the fund's, from 1 on
  std::string source;
  StateMark first;                     ///< the first state that goes
  std::optional<time::Instant> after;  ///< of the last state that stays; nothing: none does
  std::string reason;
  std::string proposed_by;
  time::Instant proposed_at;
  std::optional<std::string> approved_by = {};
  std::optional<time::Instant> approved_at = {};
  std::int64_t readings = 0;  ///< that go, or went
  std::int64_t events = 0;
};

class SetAsideStore {
 public:
  virtual ~SetAsideStore() = default;
  /// Throws base::Refused: the source has no state of that height that stands, it is no chain's, an earlier
  /// proposal about it waits.
  virtual SetAside propose(const model::FundId& fund, const std::string& source, std::uint64_t height,
                           const std::string& reason, const model::ActorId& actor, time::Instant now) = 0;
  /// Throws base::Refused: no such proposal, approved already, by who proposed it.
  virtual SetAside approve(const model::FundId& fund, std::int64_t number, const model::ActorId& actor,
                           time::Instant now) = 0;
  virtual std::vector<SetAside> all(const model::FundId& fund) = 0;
};

}  // namespace navkeeper::staking
