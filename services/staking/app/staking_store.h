#pragma once
// Where staking keeps what it read and what it concluded. Everything is only ever added.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/model/node_answer.h"
#include "services/staking/domain/measures/effectiveness.h"
#include "services/staking/domain/roll_forward.h"
#include "services/staking/domain/row_price.h"
#include "services/staking/domain/validator_set.h"

namespace navkeeper::staking {

/// All positions that one source told at one state; what an earlier reading had and this one lacks is gone.
struct PositionReading {
  Chain chain = Chain::kEthereum;
  std::string source;
  StateMark mark;
  bool finalized = true;   ///< false: it may still be taken back; shown, never struck from
  std::string raw_sha256;  ///< 64 hexadecimal digits: over the SHA-256 of each answer, in their order
  std::vector<Position> positions;
};

/// A parameter of a chain as it held from a height on.
struct ParameterReading {
  Chain chain = Chain::kEthereum;
  std::string source;
  std::string name;   ///< "staking.unbonding_time", "churn_limit"
  std::string value;  ///< as the chain says it
  StateMark mark;
  bool operator==(const ParameterReading&) const = default;
};

/// How long one waits at one state for what a chain lets through in turn: "entry", "exit", "sweep" of ether,
/// "unbonding" of Cronos POS.
struct QueueReading {
  Chain chain = Chain::kEthereum;
  std::string source;
  std::string name;
  StateMark mark;
  std::optional<std::int64_t> wait_seconds;    ///< of who asks now; nothing: nothing passes
  std::map<std::string, std::string> figures;  ///< what a forecast for a position needs, by name
  bool operator==(const QueueReading&) const = default;
};

/// What a validator was asked to do between two states, and did; from a store, of several such stretches
/// together.
struct DutyReading {
  std::string source;
  std::string place;
  StateMark from;
  StateMark to;
  std::uint64_t effective_gwei = 0;  ///< at `to`
  measures::Duties duties;
  money::Units effective_slots = {};  ///< of each stretch its effective balance times its slots, in Gwei
};

/// What a person should look at; each once.
struct Alert {
  std::string source;
  std::string kind;     ///< "slashed", "not_tied", "wrong_fee_recipient", "contradiction", ...
  std::string subject;  ///< the place
  std::string detail;
  bool operator==(const Alert&) const = default;
};

/// Done, partly (what failed is named), failed (nothing of it is believed).
enum class SyncOutcome { kDone, kPartly, kFailed };
std::string_view describe(SyncOutcome outcome);  ///< "done", "partly", "failed"
std::optional<SyncOutcome> parse_sync_outcome(std::string_view word);

struct SyncRun {
  std::string source;
  time::Instant started_at;
  time::Instant ended_at;
  SyncOutcome outcome = SyncOutcome::kDone;
  std::string detail;  ///< what failed and why; empty when all is done
};

/// Everything that one asking brought, stored in one transaction.
struct SyncResult {
  SyncRun run;
  std::vector<PositionReading> readings = {};
  std::vector<StakingEvent> events = {};
  std::vector<RollForward> roll_forwards = {};
  std::vector<ParameterReading> parameters = {};
  std::vector<QueueReading> queues = {};
  std::vector<DutyReading> duties = {};
  std::vector<ValidatorSet> validator_sets = {};
  std::vector<Alert> alerts = {};
  std::vector<model::NodeAnswer> raw = {};
};

struct SyncReport {
  SyncRun run;
  std::size_t positions_new = 0;
  std::size_t events_new = 0;
  std::size_t roll_forwards_new = 0;
  std::size_t parameters_new = 0;
  std::size_t alerts_new = 0;
  std::size_t measures_new = 0;  ///< taken after it (take_measures.h)
  bool is_refused = false;       ///< what was answered was not believed
};

struct StoredReading {
  PositionReading reading;
  time::Instant known_at;
};
struct StoredEvent {
  StakingEvent event;
  time::Instant known_at;
};
struct StoredRollForward {
  RollForward roll_forward;
  time::Instant known_at;
  std::optional<RowPrice> price = {};  ///< nothing: none was known for it
};
struct StoredAlert {
  Alert alert;
  time::Instant known_at;  ///< when it was first raised
};

/// What a read is about: facts after `from` up to `as_of`, as far as they were known at `known_at`.
struct StakingQuery {
  std::string source = {};  ///< empty: all
  std::string place = {};   ///< empty: all
  time::Instant from = time::Instant::earliest();
  time::Instant as_of = time::Instant::latest();
  time::Instant known_at = time::Instant::latest();
  std::string kind = {};  ///< of alerts, which are after `from` by when they were known; empty: all
  int skip = 0;           ///< of alerts and runs: so many rows are left out first
};

/// A page of events in the order in which they became known: those after (known_after, after_id).
struct LearnedPage {
  time::Instant known_after = time::Instant::earliest();
  std::string after_id = {};  ///< empty: all that became known at `known_after` are still to come
  int limit = 0;
};

/// The roll-forwards of all places of one account, chained from the first state to the last.
struct RollForwardTotal {
  PositionKey key;  ///< without a place
  Account account = Account::kStake;
  StateMark from;
  StateMark to;
  money::Decimal opening;              ///< of each place's first interval
  std::vector<RollForwardLine> lines;  ///< in the order of EventKind
  money::Decimal closing;              ///< of each place's last
  money::Decimal difference;           ///< sum of what each interval differs by, without its sign
  std::int64_t intervals = 0;
  std::int64_t not_tied = 0;
  /// Intervals that do not begin with the state and amount with which the one before ended, places that come
  /// from nowhere with coins, places that end with coins before the others do.
  std::int64_t broken = 0;
};

class StakingStore {
 public:
  virtual ~StakingStore() = default;
  /// Adds what is new; the same result twice changes nothing the second time. An event whose id is known with
  /// other content is not stored and raises "contradiction". `actor` stands in the audit trail. Throws
  /// base::Conflict where states of the source were set aside since the run began, base::InDoubt when it is
  /// not known whether it was stored: store it again.
  virtual SyncReport save(const model::FundId& fund, const SyncResult& result, time::Instant known_at,
                          const std::string& actor) = 0;
  /// Alerts that no single reading shows; gives how many are new.
  virtual std::size_t raise(const model::FundId& fund, const std::vector<Alert>& alerts,
                            time::Instant known_at) = 0;
  /// The newest finalized reading of each source and chain at or before `as_of`, with its positions by place;
  /// with `place` its positions alone.
  virtual std::vector<StoredReading> readings(const model::FundId& fund, const StakingQuery& query) = 0;
  /// Events with from < at <= as_of by time, height and id. `only` empty: of all kinds.
  virtual std::vector<StoredEvent> events(const model::FundId& fund, const StakingQuery& query,
                                          const std::vector<EventKind>& only = {}) = 0;
  /// Roll-forwards that lie in [from, as_of], of each account and interval the newest known, by key, account
  /// and interval.
  virtual std::vector<StoredRollForward> roll_forwards(const model::FundId& fund,
                                                       const StakingQuery& query) = 0;
  /// Of each chain and name all that was read, by height.
  virtual std::vector<ParameterReading> parameters(const model::FundId& fund, const StakingQuery& query) = 0;
  /// Of each chain, source and name the newest reading at or before `as_of`.
  virtual std::vector<QueueReading> queues(const model::FundId& fund, const StakingQuery& query) = 0;
  /// Of each source and place the sum of all intervals that lie in [from, as_of], from the first to the last
  /// of them, with the newest effective balance.
  virtual std::vector<DutyReading> duties(const model::FundId& fund, const StakingQuery& query) = 0;
  /// Of each source the newest set at or before `as_of`, with every slash that was known then.
  virtual std::vector<ValidatorSet> validator_sets(const model::FundId& fund, const StakingQuery& query) = 0;
  /// The newest first, `limit` at most.
  virtual std::vector<StoredAlert> alerts(const model::FundId& fund, const StakingQuery& query,
                                          int limit) = 0;
  virtual std::vector<SyncRun> runs(const model::FundId& fund, const StakingQuery& query, int limit) = 0;
  /// The heights of a source's states that were set aside (set_aside.h): none of them is read again, so that
  /// what is concluded anew is told from what was concluded then.
  virtual std::set<std::uint64_t> set_aside(const model::FundId& fund, const std::string& source) = 0;
};

}  // namespace navkeeper::staking
