#pragma once
// The ports of the nav use cases, in domain words. Adapters throw base::Unavailable, base::Conflict and
// base::InDoubt.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "services/nav/domain/checks.h"

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
};

struct Override {
  std::string check;
  model::ActorId actor;
  std::string reason;
};

struct StoredNav {
  explicit StoredNav(model::ActorId striker) : struck_by(std::move(striker)) {}
  NavSummary summary;
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

  NavState state() const;
  /// The failed checks that fewer than kOverridesNeeded people have set aside.
  std::vector<std::string> standing_failures() const;
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
};

/// The right to strike one fund, held by one run of one process; given back when it goes.
class StrikeLease {
 public:
  virtual ~StrikeLease() = default;
};

class NavStore {
 public:
  virtual ~NavStore() = default;

  /// Of each fund the latest version, by fund.
  virtual std::vector<StoredDefinition> funds() = 0;
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

  /// Nothing while somebody else strikes that fund.
  virtual std::unique_ptr<StrikeLease> lease_strike(const model::FundId& fund) = 0;
  /// Conflict when the day was struck meanwhile or the lease is no longer ours.
  virtual void add_nav(const StrikeLease& lease, const NewNav& nav) = 0;
  virtual void add_approval(const model::FundId& fund, const StoredNav& nav, const model::ActorId& actor,
                            time::Instant now) = 0;
  virtual void add_override(const model::FundId& fund, const StoredNav& nav, const Override& override_,
                            time::Instant now) = 0;
};

constexpr int kNavsMax = 1000;

/// How a resolved strike and its result are written down. Canonical JSON: equal inputs give equal bytes; no
/// ids, clock times, file names or line numbers.
class NavDocuments {
 public:
  virtual ~NavDocuments() = default;
  virtual std::string inputs(const ResolvedStrike& resolved) = 0;
  virtual std::string document(const ResolvedStrike& resolved, const StrikeFigures& figures) = 0;
  /// "positions[0].price.value: 84000 before, 84001 now", at most a handful; empty when they are equal.
  virtual std::vector<std::string> differences(const std::string& before, const std::string& now) = 0;
};

}  // namespace navkeeper::nav
