#pragma once
// Where the official unit comes from (the NAV, the books, the fund's acts), and the values as they were shown
// (sql/nav, indicative_value).
#include <memory>
#include <optional>
#include <string>

#include "common/db/pool.h"
#include "services/nav/app/make_indicative.h"
#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {

class StoredUnits final : public UnitSource {
 public:
  StoredUnits(db::Pool& pool, NavStore& navs, ActStore& acts) : pool_(pool), navs_(navs), acts_(acts) {}
  OfficialUnit unit(const FundDefinition& fund, time::Date day) override;

 private:
  db::Pool& pool_;
  NavStore& navs_;
  ActStore& acts_;
};

struct StoredIndicative {
  time::Instant at;
  std::optional<money::Decimal> per_share;
  std::string reason;
  std::string evidence;  ///< JSON: unit and prices
};

/// False when another process stored that moment before.
bool save_indicative(db::Pool& pool, const model::FundId& fund, const MadeIndicative& made,
                     time::Instant now);
/// The newest moment; of all, or of those with a value.
std::optional<StoredIndicative> last_indicative(db::Pool& pool, const model::FundId& fund, bool with_value);
/// Moments in [from, to], oldest first, at most `count_max`.
std::vector<StoredIndicative> indicative_values(db::Pool& pool, const model::FundId& fund, time::Instant from,
                                                time::Instant to, int count_max);

/// What GET answers and the channel says of one moment: {"at","value","reason","unit","prices"}.
std::string indicative_json(const model::FundId& fund, const StoredIndicative& stored);
StoredIndicative as_stored(const MadeIndicative& made);

/// The holdings that form the basis of the next NAV: booked before `date` begins (rule 6c-11(c)(1)(i): the
/// dealing of the day before with it, nothing of the day). Refused: an unknown fund, one without books.
std::string pre_open_holdings_json(db::Pool& pool, NavStore& navs, const model::FundId& fund,
                                   time::Date date);

}  // namespace navkeeper::nav
