#pragma once
// A fund's totals at the valuation point of a day that custody reconciled (domain/fund_totals.h).
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time/date.h"
#include "services/staking/app/staking_store.h"
#include "services/staking/domain/fund_totals.h"

namespace navkeeper::staking {

/// What custody has of a day.
struct CustodyDay {
  time::Date date;
  time::Instant at;  ///< the valuation point
  int number = 0;    ///< of the day's reconciliation
  std::vector<KeptCoins> kept;
  std::vector<KeptReading> readings;
  std::vector<SentInstruction> sent;
};

class CustodyDays {
 public:
  virtual ~CustodyDays() = default;
  /// The day's last reconciliation; without a date that of the newest day. Throws base::Refused where the day
  /// was not reconciled, base::Unavailable.
  virtual CustodyDay day(const model::FundId& fund, const std::optional<time::Date>& date) = 0;
};

struct TotalledFund {
  CustodyDay day;
  std::vector<StateMark> states;  ///< of the sources, in the order of the readings
  FundTotals found;
  bool is_tied() const;
};

/// `kept_by`: custody's name of the custodian behind each of our sources; chains are not in it. Throws
/// base::Refused for a fund of which no source was read by then.
TotalledFund total_fund(StakingStore& store, CustodyDays& custody, const model::FundId& fund,
                        const std::optional<time::Date>& date,
                        const std::map<std::string, std::string>& kept_by);

}  // namespace navkeeper::staking
