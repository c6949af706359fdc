#pragma once
// What is to be asked of the chains: each fund's own addresses, chain by chain.
#include <set>
#include <string>
#include <vector>

#include "services/custody/adapters/settings.h"
#include "services/custody/app/custody_store.h"

namespace navkeeper::time {
class Clock;
}

namespace navkeeper::custody {

struct ChainTask {
  model::FundId fund = model::FundId::literal("UNSET");
  Chain chain{};
  std::vector<std::string> addresses;
  std::set<std::string> edges = {};  ///< of them: ChainSyncSettings

  std::string source() const { return chain_source(chain); }
};

/// By fund and chain; only those of which an address is configured.
std::vector<ChainTask> chain_tasks(const Settings& settings);

/// Asks the chain's configured nodes, at the last block made at or before `at`, which must be final (nothing:
/// at the newest block that is final for all of them), and stores what they say.
SyncReport ask_chain(const Settings& settings, const ChainTask& task, CustodyStore& store,
                     const time::Clock& clock, const std::string& actor,
                     std::optional<time::Instant> at = std::nullopt);

}  // namespace navkeeper::custody
