#pragma once
// One round of indicative values of a fund (domain/indicative): the last official unit, what happened since,
// real-time prices, the value or why there is none.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/fund.h"
#include "services/nav/domain/indicative/indicative.h"

namespace navkeeper::nav {

/// The official unit for a session's day, adjusted; or why there is none.
struct OfficialUnit {
  std::optional<indicative::CreationUnit> unit;
  std::string reason;
};

class UnitSource {
 public:
  virtual ~UnitSource() = default;
  /// Of the business day before `day`, with what takes effect on `day` at the latest.
  virtual OfficialUnit unit(const FundDefinition& fund, time::Date day) = 0;
};

class LivePriceSource {
 public:
  virtual ~LivePriceSource() = default;
  /// The newest value of a real-time index. Never throws: what goes wrong is the reason why there is none.
  virtual indicative::LivePrice price(const std::string& asset, const std::string& index) = 0;
};

struct IndicativeSettings {
  indicative::Session session;
  time::Duration price_age_max = time::Duration::seconds(15);
  /// Which real-time index prices a coin; "{asset}" stands for its name.
  std::string index_pattern = "NK_{asset}USD_RT";
  std::string index_of(const std::string& asset) const;
};

struct MadeIndicative {
  indicative::IndicativeValue value;  ///< `at`: the session's moment
  std::optional<indicative::CreationUnit> unit;
  std::vector<indicative::LivePrice> prices;
};

/// At the session's moment `at` of the day `day`; `now` asks for the time after the prices came, by which
/// their age is judged.
MadeIndicative make_indicative(UnitSource& units, LivePriceSource& prices, const FundDefinition& fund,
                               const IndicativeSettings& settings, time::Date day, time::Instant at,
                               const std::function<time::Instant()>& now);

}  // namespace navkeeper::nav
