#pragma once
// FundAct: what the board decides once, by one person's proposal and another's approval: a distribution, a
// share split, a fork, a token migration, a spin-off. plan_step says what an approved act does next and when;
// the entries are the policies' (domain/policy).
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/nav/domain/books/place.h"
#include "services/nav/domain/fund.h"
#include "services/nav/domain/policy/distribution.h"
#include "services/nav/domain/policy/fork.h"
#include "services/nav/domain/policy/lot_restatement.h"
#include "services/nav/domain/policy/share_split.h"

namespace navkeeper::nav {

/// The snapshot quantity is the books' own, at the start of the fork's date.
struct ForkAct {
  std::string coin;
  std::string new_coin;
  int new_decimals = 18;
  time::Date date;
  money::Decimal ratio;
  std::optional<policy::RightsDistribution> rights;  ///< under the policy `distribute`
};

struct FundAct {
  std::string id;
  std::variant<policy::Declaration, policy::ShareSplit, ForkAct, policy::Migration, policy::SpinOff> terms;

  /// "distribution", "split", "fork", "migration", "spin_off".
  std::string_view kind() const;
  /// The first day whose NAV it changes: the ex-date of a distribution.
  time::Date effective() const;
};

/// What was done of it.
struct ActStep {
  std::string step;  ///< "ex", "recorded", "paid"; "applied" of all but distributions
  time::Date date;
  std::optional<money::Decimal> shares;  ///< that it stood on
  std::string memo;                      ///< in words, for the record
  int attempt = 1;  ///< more than 1: paid again after a reversal; the register as it came to be
};

/// Why two acts that are both still to be carried out cannot stand together: nothing says which of them comes
/// first, and the order would change what is owed or held. A split no later than a distribution's record date
/// (an amount of old shares or of new ones?); two acts of one day on one coin. Nothing where they can.
std::optional<std::string> clash(const FundAct& one, const FundAct& other);

/// A distribution where its steps have brought it. The steps are those that were stored (ENSURE).
policy::Distribution distribution_after(const FundDefinition& fund, const policy::Declaration& declaration,
                                        const std::vector<ActStep>& steps);

/// The date of the step that comes next by itself, when the strike of that day or a later one runs; nothing
/// when there is none: all is done, or a payment waits for somebody to make it.
std::optional<time::Date> next_due(const FundAct& act, const std::vector<ActStep>& steps);

policy::DistributionTerms distribution_terms(const FundDefinition& fund);

}  // namespace navkeeper::nav
