#pragma once
// Striking a contingent NAV (domain/contingent_nav.h) and keeping it.
#include <vector>

#include "services/nav/app/strike_fund.h"
#include "services/nav/domain/contingent_nav.h"

namespace navkeeper::nav {

struct StoredContingent {
  explicit StoredContingent(model::ActorId by) : struck_by(std::move(by)) {}
  ContingentNav nav;
  int number = 0;  ///< of the fund and day, from 1
  model::ActorId struck_by;
  time::Instant struck_at;
};

class ContingentStore {
 public:
  virtual ~ContingentStore() = default;
  /// The same figures again add nothing. Gives the number.
  virtual int add_contingent(const model::FundId& fund, const ContingentNav& nav, const model::ActorId& actor,
                             time::Instant now) = 0;
  /// By day and number; of one day where given.
  virtual std::vector<StoredContingent> contingents(const model::FundId& fund,
                                                    std::optional<time::Date> date) = 0;
};

/// Takes the official price where there is one, else whatever basis is there. Refused: no role (maker), an
/// unknown fund, a day that was struck, no NAV before it, a coin without any price, a split in between.
ContingentNav strike_contingent(const NavPorts& ports, ContingentStore& contingents,
                                const StrikeRequest& request, const std::string& why);

}  // namespace navkeeper::nav
