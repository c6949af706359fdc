#pragma once
// What a fund's stakes earned over some days, from the journal: gross by type, what protocol and provider
// took of it, the staking fees with their payees, net.
#include <string>
#include <vector>

#include "common/db/pool.h"
#include "services/nav/domain/fund.h"

namespace navkeeper::nav {

/// Dollars of entries whose trade date lies in the days.
struct StakingIncome {
  struct Reward {
    std::string type;
    money::Decimal gross;         ///< recognised as income
    money::Decimal provider_cut;  ///< withheld before the fund saw it
  };
  struct Coins {
    std::string asset;
    std::string type;
    money::Decimal gross;  ///< whole coins that became income, before any cut
  };
  struct Part {
    std::string payee;  ///< empty: the only one
    std::string commodity;
    money::Decimal amount;  ///< in that, whole coins or dollars
  };
  struct Fee {
    std::string name;
    money::Decimal amount;
    std::vector<Part> parts = {};
  };
  std::vector<Reward> rewards;
  std::vector<Coins> coins;
  money::Decimal lost;    ///< penalties and slashing, at the cost of what was lost
  std::vector<Fee> fees;  ///< that are reckoned on rewards or staked coins, as the strikes accrued them
  money::Decimal gross() const;
  money::Decimal net() const;  ///< gross - cuts - lost - fees
};

StakingIncome load_staking_income(db::Transaction& transaction, const FundDefinition& fund, time::Date from,
                                  time::Date to);

std::string staking_income_json(const model::FundId& fund, time::Date from, time::Date to,
                                const StakingIncome& income);
std::string staking_income_text(const StakingIncome& income);

}  // namespace navkeeper::nav
