#pragma once
// The venues that are built, by name: how each spells a pair, and its protocol.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {

/// The venue of that name ("kraken"), or nothing.
std::optional<Venue> parse_venue(std::string_view name);

/// The market of "BASE/QUOTE" in the venue's own spellings: Kraken's REST interface says XBT for BTC and XDG
/// for DOGE. Nothing when the pair is not two names of upper-case letters and digits.
std::optional<Instrument> instrument_of(Venue venue, std::string_view pair);

/// Whether `symbol`, as any venue spells a pair ("BTC-USD", "XXBTZUSD", "XBTUSDT", "btcusd"), is `pair`.
bool is_symbol_of(std::string_view symbol, std::string_view pair);

enum class Feed { kTrades, kBooks };
/// What the venue offers: Gemini and Bullish trades alone, LMAX quotes alone (they count as books: no trade
/// comes of them).
bool offers(Venue venue, Feed feed);

/// The protocol of one connection for one feed: trades and books travel apart, so that a tape that must wait
/// for its store holds up no book. Coinbase's books are Advanced Trade's. The venue must offer the feed
/// (ENSURE).
std::unique_ptr<VenueProtocol> make_protocol(Venue venue, Feed feed, std::vector<Instrument> instruments);

}  // namespace navkeeper::pricing::venues
