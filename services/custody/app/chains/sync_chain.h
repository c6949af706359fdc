#pragma once
// What a chain says of a fund's own addresses, stored as a source of its own ("chain:bitcoin"), with how sure
// it is and the evidence. May be run at any time, again and again, and killed anywhere.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/custody/app/chains/read_chain.h"
#include "services/custody/app/custody_store.h"

namespace navkeeper::custody {

/// Whoever writes down how an answer came about: every node's word, block and the SHA-256 of each body
/// (adapters/chains/chain_evidence.h). Its bytes are stored, and their SHA-256 is the balance's raw_sha256.
using EvidenceOf = std::function<std::string(const ChainAnswer&)>;
/// Whoever writes a movement down as a record of kind transfer (adapters/record_json.h).
using RecordOf = std::function<Record(Chain chain, const ChainMovement& movement)>;

/// What only an adapter can write.
struct ChainWriters {
  EvidenceOf evidence_of;
  RecordOf record_of;
};

struct ChainSyncSettings {
  ChainLimits limits;
  std::optional<time::Instant> at{};  ///< at the last block of then; nothing: at the newest final one
  time::Duration history = time::Duration::hours(2'160);  ///< 90 days: of the first asking for transfers
  time::Duration overlap = time::Duration::hours(48);     ///< later ones begin so long before the last's end
  /// Derived addresses near the end of what is watched: when one is used, an alarm asks for more.
  std::set<std::string> edges = {};
  /// Larger bodies are kept by their SHA-256 alone: a block can be fetched again by its hash.
  std::size_t body_bytes_max = 256UL * 1'024;
};

/// What one asking brought. An address that no node answered for has no balance; one whose nodes left a doubt
/// has its balance with certainty `unsure` and an alarm. Outcome: done when every address is sure; partly
/// when there is any answer; failed when there is none.
SyncResult chain_result(const std::vector<ChainAnswer>& answers, Chain chain, time::Instant started_at,
                        time::Instant ended_at, const ChainSyncSettings& settings,
                        const EvidenceOf& evidence_of);

/// Asks every node about every address (in canonical spelling, each once) and stores the result; then, where
/// a node keeps transactions by address, what moved: only when every address' reading is sure, so that an
/// answer about transfers is complete or is not there.
SyncReport sync_chain(const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
                      const std::vector<std::string>& addresses, const ChainSyncSettings& settings,
                      const ChainWriters& writers, CustodyStore& store, const model::FundId& fund,
                      const time::Clock& clock, const std::string& actor);

}  // namespace navkeeper::custody
