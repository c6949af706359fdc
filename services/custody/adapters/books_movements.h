#pragma once
// Coins that came in and went out by the fund's books, out of the journal as nav answers it
// (GET /v1/funds/{fund}/journal): each entry's net change of the coins in every state.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/transfer_matching.h"

namespace navkeeper::custody {

/// Reads page after page. An entry and its reversal cancel out and are left out, whichever pages they stand
/// on. Rewards and penalties are staking, opening lots were there before: no transfers. Facts are dated by
/// the day of settlement. Throws base::Refused for what is no journal, money::OverflowError for sums that do
/// not fit.
class JournalReader {
 public:
  /// Reads a page and gives the cursor of the next; empty: that was the last.
  std::string read(std::string_view body);
  /// Of all pages so far, by entry and asset.
  std::vector<TransferFact> facts() const;

 private:
  struct Entry {
    std::int64_t seq = 0;
    std::vector<TransferFact> facts;
  };
  std::vector<Entry> entries_;
  std::set<std::string> ids_;
  std::vector<std::int64_t> cancelled_;
};

}  // namespace navkeeper::custody
