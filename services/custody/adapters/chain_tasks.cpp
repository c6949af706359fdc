#include "services/custody/adapters/chain_tasks.h"

#include <map>

#include "services/custody/adapters/chains/chain_json.h"
#include "services/custody/adapters/chains/chain_settings.h"
#include "services/custody/adapters/record_json.h"
#include "services/custody/app/chains/sync_chain.h"

namespace navkeeper::custody {

std::vector<ChainTask> chain_tasks(const Settings& settings) {
  std::map<std::pair<std::string, Chain>, ChainTask> tasks;
  for (const OwnAddress& own : settings.addresses) {
    ChainTask& task = tasks[{own.fund.value(), own.chain}];
    task.fund = own.fund;
    task.chain = own.chain;
    task.addresses.push_back(own.address);
    if (own.is_edge) task.edges.insert(own.address);
  }
  std::vector<ChainTask> found;
  found.reserve(tasks.size());
  for (auto& [key, task] : tasks) found.push_back(std::move(task));
  return found;
}

SyncReport ask_chain(const Settings& settings, const ChainTask& task, CustodyStore& store,
                     const time::Clock& clock, const std::string& actor, std::optional<time::Instant> at) {
  const ChainSettings nodes = settings.chains ? *settings.chains : ChainSettings();
  ChainSyncSettings how;
  how.limits = limits_of(nodes, task.chain);
  how.at = at;
  how.edges = task.edges;
  return sync_chain(open_sources(nodes, task.chain), task.chain, task.addresses, how,
                    {evidence_json, movement_record}, store, task.fund, clock, actor);
}

}  // namespace navkeeper::custody
