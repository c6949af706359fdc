#pragma once
// Transfers of a fund as custodians, chains and books know them, matched.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/json/write.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/app/books_reader.h"
#include "services/custody/app/custody_store.h"
#include "services/custody/domain/transfer_matching.h"

namespace navkeeper::custody {

struct TransferView {
  std::vector<MatchedTransfer> transfers;  ///< of which a fact lies in the period
  std::vector<std::string> chains_told;    ///< chain sources that tell their transfers
  /// By chain source and token: from when on its transfers are told too.
  std::map<std::pair<std::string, std::string>, time::Instant> tokens_told = {};
  bool books_asked = false;
  std::string books_failure;  ///< why the books' side is not there although it was asked for
};

struct TransferPeriod {
  time::Instant from;
  time::Instant to;
  time::Instant known_at = time::Instant::latest();
};

/// Facts from a week before to a week behind the period are matched, so that no transfer is torn at its ends;
/// those are given of which a fact lies inside. `books`: their facts, as far as they could be had.
TransferView match_stored(CustodyStore& store, const std::vector<OwnAddress>& addresses,
                          const model::FundId& fund, const TransferPeriod& period,
                          const std::vector<TransferFact>& books);
constexpr auto kAroundPeriod = time::Duration::hours(168);

/// The same with the books' facts of that time, where somebody can be asked for them; when the asking fails
/// the view says so and has the other sides.
TransferView match_with_books(CustodyStore& store, const std::vector<OwnAddress>& addresses,
                              const model::FundId& fund, const TransferPeriod& period,
                              const BooksReader& books);

/// The sides that should know the transfer and do not: the custodian always, but for a chain's own-key
/// addresses; the chain where it tells transfers of that asset at an address of that custodian; the books
/// where they were asked.
std::vector<Side> missing_sides(const MatchedTransfer& transfer, const TransferView& view,
                                const std::vector<OwnAddress>& addresses);

void write_transfer(json::Writer& writer, const MatchedTransfer& transfer, const std::vector<Side>& missing);

}  // namespace navkeeper::custody
