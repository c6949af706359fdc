#pragma once
// Gives the roll-forwards of a fund their prices, once each, when pricing has them.
#include <vector>

#include "services/staking/domain/row_price.h"

namespace navkeeper::staking {

/// Which official price a fund takes.
struct DollarTerms {
  model::FundId fund = model::FundId::literal("UNSET");
  std::string act;    ///< "ICA_1940", "ETP_1933"
  std::string basis;  ///< "fair_value", "index"
};

/// Rows of an asset that end together have one price.
struct RowEnd {
  model::AssetId asset = model::AssetId::literal("UNSET");
  time::Instant at;
};

class PriceSource {
 public:
  virtual ~PriceSource() = default;
  /// By date, both ends included; empty where pricing does not price the asset. Throws base::Unavailable.
  virtual std::vector<DayPrice> days(const model::AssetId& asset, const DollarTerms& terms, time::Date from,
                                     time::Date to) = 0;
};

class RowPriceStore {
 public:
  virtual ~RowPriceStore() = default;
  /// Ends of rows that have no price, the oldest first, `limit` at most.
  virtual std::vector<RowEnd> unpriced(const model::FundId& fund, int limit) = 0;
  /// Those that have one already keep it. How many were new.
  virtual std::size_t save(const model::FundId& fund, const std::vector<std::pair<RowEnd, RowPrice>>& prices,
                           time::Instant known_at, const std::string& actor) = 0;
};

struct PriceRowsReport {
  std::size_t priced = 0;
  std::size_t waiting = 0;
  std::string detail;  ///< why the oldest that waits does
};
/// Throws base::Unavailable where pricing does not answer: then nothing is priced.
PriceRowsReport price_rows(RowPriceStore& store, PriceSource& prices, const DollarTerms& terms,
                           time::Instant now, const std::string& actor);

}  // namespace navkeeper::staking
