#pragma once
// Custody's answer about one reconciliation, as the check of a NAV needs it: page by page.
#include <map>
#include <string>
#include <string_view>

#include "common/json/reader.h"
#include "common/time/date.h"
#include "services/nav/domain/peer_statement.h"

namespace navkeeper::nav {

class ReconciliationReader {
 public:
  ReconciliationReader(model::FundId fund, time::Date date) : fund_(std::move(fund)), date_(date) {}

  /// The pages in their order. Gives the cursor of the next one, empty at the last. Throws base::Refused for
  /// what is no page of one reconciliation of that fund and day, std::overflow_error for sums that no decimal
  /// holds.
  std::string read(std::string_view body);
  /// Of all pages. ENSURE: the last one was read.
  PeerStatement take();

 private:
  void read_first(json::ObjectReader& page);
  void read_lines(json::ObjectReader& page);
  void read_breaks(json::ObjectReader& page);

  model::FundId fund_;
  time::Date date_;
  PeerStatement statement_;
  std::map<model::AssetId, PeerLine> sums_;  ///< lines of one coin at several places are one
  std::int64_t number_ = 0;
  bool is_whole_ = false;
};

}  // namespace navkeeper::nav
