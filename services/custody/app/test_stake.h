#pragma once
// Whether the fund's liquidity rule (rule 22e-4 of ICA_1940: at most 15 % of net assets illiquid; ETP_1933's
// readily available share) bears a stake that a person proposes: staking's test is asked, once, before the
// proposal is stored. What it answered stays with the movement, for who approves it.
#include <string>
#include <vector>

#include "services/custody/app/movement_store.h"

namespace navkeeper::custody {

/// Staking, as far as a stake's test needs it. Each throws base::Unavailable where nobody answers, or where
/// the answer is none: no staking service, no liquidity test yet, a NAV or a reading that is too old.
class StakeDesk {
 public:
  virtual ~StakeDesk() = default;
  struct Allowed {
    std::string detail;     ///< one sentence with the figures
    time::Instant read_at;  ///< what staking shows is of then, or later
  };
  /// The act's test with so many coins more staked where the movement stakes, beside stakes of `others`.
  /// Throws base::Refused with the act as its place where the rule forbids it.
  virtual Allowed ask(const model::FundId& fund, const Movement& movement, const money::Decimal& coins,
                      const std::vector<CoinsUnderWay>& others) = 0;
  /// Whether staking is handing over this very stake now, as the step of a plan that it tested before.
  virtual bool is_submitting(const model::FundId& fund, const Movement& movement) = 0;
};

/// What the fund's other stakes, of any coin, ask for and staking cannot show yet: those that did not leave,
/// and those sent after `read_at`. By coin and custodian.
std::vector<CoinsUnderWay> unseen_stakes(const std::vector<StoredMovement>& all, const Movement& movement,
                                         time::Instant read_at);

/// `all` are the fund's movements. Throws base::Refused naming the rule; never base::Unavailable, which is an
/// answer.
StakeTest test_stake(StakeDesk& desk, const model::FundId& fund, const Movement& movement,
                     const std::vector<StoredMovement>& all);

}  // namespace navkeeper::custody
