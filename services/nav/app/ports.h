#pragma once
// The ports of the nav use cases, in domain words. Adapters throw base::Unavailable, base::Conflict and
// base::InDoubt.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/outside.h"
#include "common/model/actor.h"
#include "services/nav/domain/carried_correction.h"
#include "services/nav/domain/checks.h"
#include "services/nav/domain/staking_feed.h"

namespace navkeeper::nav {

/// What pricing says of an asset on a day for a fund.
struct AssetPrice {
  std::optional<ResolvedPrice> official;  ///< nothing where it waits for a person
  std::string waits_for;                  ///< what it waits for; empty when there is an official price
  std::vector<ResolvedPrice> bases;       ///< index and principal market, those that were there
  std::vector<PriceCheck> checks;
  time::Instant valuation;  ///< what it is the price of
};

/// Where prices come from: the pricing service.
class RateSource {
 public:
  virtual ~RateSource() = default;
  /// The official price of that day for funds of this act and basis, or nothing when the day has not been
  /// priced.
  virtual std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                          time::Date date) = 0;
};

/// Custody's reconciliations of books, custodians and chains.
class ReconciliationSource {
 public:
  virtual ~ReconciliationSource() = default;
  /// The day's last, with what explains its breaks by now; nothing where the fund was not reconciled.
  virtual std::optional<PeerStatement> reconciliation(const model::FundId& fund, time::Date date) = 0;
};

/// Where a strike's day has its staking events to, source by source.
struct StakingPeriod {
  std::vector<StakingCutOff> from;  ///< of the NAV before; a source without one from its beginning
  std::vector<StakingCutOff> to;    ///< of this day; empty: none were taken
  /// When the NAV before was struck: contradictions told since are this NAV's.
  std::optional<time::Instant> looked_at;
};

/// A page of staking's events in the order in which it learned them.
struct StakingPage {
  std::vector<StakingEvent> events;
  bool has_more = false;
};
/// After whom a page begins.
struct StakingBookmark {
  time::Instant told_at = time::Instant::earliest();
  std::string id;  ///< empty: before all that were told at that instant
};

/// What the staking service knows of a fund. Each throws base::Unavailable where it does not answer, or
/// answers what cannot be.
class StakingSource {
 public:
  virtual ~StakingSource() = default;
  /// Of each chain and source the newest final state at or before `as_of`; none: nothing is staked there.
  virtual std::vector<StakingCutOff> cut_offs(const model::FundId& fund, time::Instant as_of) = 0;
  virtual StakingPage events(const model::FundId& fund, const StakingBookmark& after) = 0;
  /// The roll-forwards of that period against the positions at its end; nothing where there is no service.
  virtual std::optional<PeerStatement> roll_forward(const model::FundId& fund, time::Date date,
                                                    time::Instant valued_at, const StakingPeriod& period) = 0;
};

struct StoredDefinition {
  FundDefinition definition;
  std::string hash;    ///< hexadecimal
  std::string source;  ///< the reviewed file's bytes
  int version = 1;
  std::string applied_by;
};

/// A definition as read from its file, before it is stored.
struct NewDefinition {
  FundDefinition definition;
  std::string hash;
  std::string source;
  std::string canonical;  ///< JSON
};

/// Positions and balances of a fund at the start of a day, without prices.
struct Holdings {
  std::vector<ResolvedPosition> positions;
  ResolvedBooks books;
  /// By coin, the unrealised gain (dollars) that the books have marked, over everything posted: a strike
  /// brings it to the NAV's values. Holds while the mark does (SightMark).
  std::vector<NamedAmount> marked = {};
};

struct Override {
  std::string check;
  model::ActorId actor;
  std::string reason;
};

/// Why there is a version of a NAV.
enum class VersionKind {
  kStrike,       ///< "strike": the first
  kAgain,        ///< "again": other inputs before anything was published
  kRestatement,  ///< "restatement": beside what was published
};
std::string_view describe(VersionKind kind);
std::optional<VersionKind> parse_version_kind(std::string_view word);

struct StoredNav {
  explicit StoredNav(model::ActorId striker) : struck_by(std::move(striker)) {}
  NavSummary summary;  ///< its `version` is this one's
  VersionKind kind = VersionKind::kStrike;
  std::string reason;  ///< of a further version
  int definition_version = 1;
  std::string document;
  std::string document_hash;
  std::string inputs;
  std::string inputs_hash;
  model::ActorId struck_by;
  time::Instant struck_at;
  std::vector<Check> checks;
  std::vector<Override> overrides;
  std::optional<model::ActorId> approved_by;
  time::Instant approved_at;
  std::optional<model::ActorId> published_by;
  time::Instant published_at;

  NavState state() const;
  /// The failed checks that fewer than kOverridesNeeded people have set aside: they block approval.
  std::vector<std::string> standing_failures() const;
  /// Those that nobody could measure, likewise: they block publishing.
  std::vector<std::string> standing_unavailable() const;

 private:
  std::vector<std::string> standing(CheckStatus status) const;
};

/// Where the store stood when it was read: whoever writes from that says so, and the store refuses when
/// anything was posted, recorded or struck since. It is the fencing token of a strike: a process that froze
/// and woke up writes nothing.
struct SightMark {
  std::int64_t entries = 0;  ///< of the journal
  std::int64_t facts = 0;    ///< recorded
  int version = 0;           ///< of the day's NAV; 0: none
  bool operator==(const SightMark&) const = default;
};

/// The store moved on since it was read: read again.
struct SightChanged : base::Conflict {
  using Conflict::Conflict;
};

/// All that the strike of one fund and day needs of the store, as of one moment.
struct StrikeSight {
  explicit StrikeSight(model::FundId fund_) : fund(std::move(fund_)) {}
  model::FundId fund;
  bool is_known = false;                       ///< the fund was applied
  std::optional<StoredDefinition> definition;  ///< effective on the day
  std::optional<time::Date> last_struck;
  std::optional<StoredNav> existing;  ///< the latest version of the day
  std::optional<StoredNav> before;  ///< the latest version of the last day before; perhaps without its checks
  /// Of days before that one, struck after it, oldest strike first: it does not know them.
  std::vector<FurtherVersion> further;
  Holdings holdings;     ///< at the start of the day
  bool has_acts = true;  ///< false: there is no act of the board to look for
  std::vector<PeerStatement> peers;
  StakingPeriod staking;
  SightMark mark;
};

/// What waits for somebody beside the NAVs that were struck, by fund.
struct WaitingAct {
  model::FundId fund;
  time::Date date;  ///< the first day that it is about
  std::string who;
  std::string what;
  std::string command;
};

/// What a strike writes in one transaction: the NAV with its inputs and checks, and its entries in the
/// journal.
struct NewNav {
  const ResolvedStrike& resolved;
  const StrikeFigures& figures;
  int definition_version;
  std::string document;
  std::string inputs;
  std::vector<Check> checks;
  model::ActorId struck_by;
  time::Instant struck_at;
  SightMark mark = {};  ///< its version is one less than this one's
  VersionKind kind = VersionKind::kStrike;
  std::string reason = {};
  const StrikeFigures* replaced = nullptr;  ///< of the version before: the books get the difference
  std::vector<NamedAmount> marked = {};     ///< Holdings::marked, as of the mark
};

/// As it was stored.
struct AddedNav {
  std::vector<Check> checks;  ///< with those of records that the store itself keeps
  time::Instant struck_at;
};

/// A check of a NAV that is measured on records beside the books.
struct ChangedRecord {
  std::string check;
  std::optional<CheckStatus> was;  ///< nothing: it was not measured
  std::optional<CheckStatus> is;   ///< nothing: there is nothing to measure any more
};

class NavStore {
 public:
  virtual ~NavStore() = default;

  /// Of each fund the latest version, by fund.
  virtual std::vector<StoredDefinition> funds() = 0;
  /// The same without their definitions.
  virtual std::vector<model::FundId> fund_ids() {
    std::vector<model::FundId> ids;
    for (const StoredDefinition& stored : funds()) ids.push_back(stored.definition.id);
    return ids;
  }
  virtual std::optional<StoredDefinition> latest_definition(const model::FundId& fund) = 0;
  /// The latest version that is effective on `date`.
  virtual std::optional<StoredDefinition> definition_on(const model::FundId& fund, time::Date date) = 0;
  /// Adds it as `version`; Conflict when somebody else did first.
  virtual void add_definition(const NewDefinition& definition, int version, const model::ActorId& actor,
                              time::Instant now) = 0;

  virtual Holdings holdings_at_start(const FundDefinition& fund, time::Date date) = 0;

  /// The latest version of that day's NAV that was known at `known_at`, with the voices and the approval
  /// known then.
  virtual std::optional<StoredNav> find_nav(const model::FundId& fund, time::Date date,
                                            time::Instant known_at) = 0;
  std::optional<StoredNav> find_nav(const model::FundId& fund, time::Date date) {
    return find_nav(fund, date, time::Instant::latest());
  }
  virtual std::optional<StoredNav> last_nav_before(const model::FundId& fund, time::Date date) = 0;
  virtual std::optional<time::Date> last_struck(const model::FundId& fund) = 0;
  /// By date, each as find_nav() has it; at most kNavsMax of them, the latest.
  virtual std::vector<StoredNav> navs(const model::FundId& fund, std::optional<time::Date> from,
                                      std::optional<time::Date> to, time::Instant known_at) = 0;
  std::vector<StoredNav> navs(const model::FundId& fund, std::optional<time::Date> from,
                              std::optional<time::Date> to) {
    return navs(fund, from, to, time::Instant::latest());
  }

  /// Every version of that day, oldest first.
  virtual std::vector<StoredNav> versions(const model::FundId& fund, time::Date date,
                                          time::Instant known_at) = 0;

  /// Dollars that the latest version of that day lacks of what came late and is booked after it, at its
  /// prices; gains positive.
  virtual money::Decimal lacking(const model::FundId&, time::Date) { return {}; }

  /// Of each fund, in their order: the latest version of each day through `through` after the one that was
  /// published last, by date. Of summary and checks perhaps only date, version, figures and what blocks. A
  /// store that can read many funds at once overrides it.
  virtual std::vector<std::vector<StoredNav>> unpublished(const std::vector<model::FundId>& funds,
                                                          time::Date through);

  /// Likewise, of days through the one that was published last: the latest version where it is a further one
  /// and was not published.
  virtual std::vector<std::vector<StoredNav>> restated(const std::vector<model::FundId>& funds,
                                                       time::Date through);

  /// Of days through `through`: NAVs that lack what is booked on their days, and acts that somebody asked to
  /// be taken back.
  virtual std::vector<WaitingAct> waiting_acts(const std::vector<model::FundId>&, time::Date /*through*/) {
    return {};
  }

  /// One for each fund, in their order. This one asks for each thing by itself; a store that can read many
  /// funds at once overrides it.
  virtual std::vector<StrikeSight> look(const std::vector<model::FundId>& funds, time::Date date);
  /// Writes into each line of a reconciliation what the books say of the coin, settled as of its day; a coin
  /// of the books that it does not name becomes a line.
  virtual void add_booked(const model::FundId& fund, PeerStatement& reconciliation);
  /// Version, checks, entries and audit record in one transaction. SightChanged when the store is no longer
  /// where the mark says.
  virtual AddedNav add_nav(const NewNav& nav) = 0;
  /// Checks of records that the store keeps beside the books (bank, share positions, late facts, tax lots)
  /// that would say something else if they were measured now.
  virtual std::vector<ChangedRecord> changed_records(const model::FundId&, const StoredNav&) { return {}; }
  /// Conflict when a further version was struck meanwhile, or somebody else did so first.
  virtual void add_approval(const model::FundId& fund, const StoredNav& nav, const model::ActorId& actor,
                            time::Instant now) = 0;
  virtual void add_override(const model::FundId& fund, const StoredNav& nav, const Override& override_,
                            time::Instant now) = 0;
  virtual void add_publication(const model::FundId& fund, const StoredNav& nav, const model::ActorId& actor,
                               time::Instant now) = 0;
};

constexpr int kNavsMax = 1000;

/// How a resolved strike and its result are written down. Canonical JSON: equal inputs give equal bytes; no
/// ids, clock times, file names or line numbers.
class NavDocuments {
 public:
  virtual ~NavDocuments() = default;
  virtual std::string inputs(const ResolvedStrike& resolved) = 0;
  /// `inputs` is what inputs() gave: its hash stands in the document.
  virtual std::string document(const ResolvedStrike& resolved, const StrikeFigures& figures,
                               const std::string& inputs) = 0;
  std::string document(const ResolvedStrike& resolved, const StrikeFigures& figures) {
    return document(resolved, figures, inputs(resolved));
  }
  /// SHA-256, hexadecimal.
  virtual std::string hash(const std::string& text) = 0;
  /// Back from inputs(): so that a NAV can be struck again from its own record.
  virtual ResolvedStrike resolved(const std::string& inputs, const FundDefinition& definition) = 0;
  /// "positions[0].price.value: 84000 before, 84001 now", at most a handful; empty when they are equal.
  virtual std::vector<std::string> differences(const std::string& before, const std::string& now) = 0;
};

}  // namespace navkeeper::nav
