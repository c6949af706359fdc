#include "services/pricing/adapters/venues/catalogue.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr std::array kVenues = {Venue::kCryptoCom, Venue::kCoinbase, Venue::kKraken, Venue::kBitstamp,
                                Venue::kGemini,    Venue::kBullish,  Venue::kLmax};
constexpr std::size_t kAssetBytesMax = 16;

bool is_asset(std::string_view name) {
  return !name.empty() && name.size() <= kAssetBytesMax &&
         std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string kraken_rest(std::string_view asset) {
  if (asset == "BTC") return "XBT";
  if (asset == "DOGE") return "XDG";
  return std::string(asset);
}

/// The asset's spellings at all venues; `prefix` is that of Kraken's old names: X of a coin, Z of a currency.
std::vector<std::string> spellings(std::string_view asset, char prefix) {
  std::vector<std::string> names{std::string(asset)};
  if (const std::string rest = kraken_rest(asset); rest != asset) names.push_back(rest);
  const std::size_t plain = names.size();
  for (std::size_t i = 0; i < plain; ++i) names.push_back(prefix + names[i]);
  return names;
}

}  // namespace

std::optional<Venue> parse_venue(std::string_view name) {
  const auto* const found = std::ranges::find(kVenues, name, [](Venue venue) { return name_of(venue); });
  if (found == kVenues.end()) return std::nullopt;
  return *found;
}

std::optional<Instrument> instrument_of(Venue venue, std::string_view pair) {
  const std::size_t slash = pair.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string base(pair.substr(0, slash));
  const std::string quote(pair.substr(slash + 1));
  if (!is_asset(base) || !is_asset(quote)) return std::nullopt;
  const std::string ours(pair);
  switch (venue) {
    case Venue::kCryptoCom:
      return Instrument{ours, base + "_" + quote, base + "_" + quote};
    case Venue::kCoinbase:
      return Instrument{ours, base + "-" + quote, base + "-" + quote};
    case Venue::kKraken:
      return Instrument{ours, ours, kraken_rest(base) + kraken_rest(quote)};
    case Venue::kBitstamp:
      return Instrument{ours, lower(base + quote), lower(base + quote)};
    case Venue::kGemini:
      return Instrument{ours, base + quote, lower(base + quote)};
    case Venue::kBullish:
      return Instrument{ours, base + quote, base + quote};
    case Venue::kLmax:
      return Instrument{ours, lower(base + "-" + quote), lower(base + "-" + quote)};
  }
  ENSURE(false);
}

bool is_symbol_of(std::string_view symbol, std::string_view pair) {
  const std::size_t slash = pair.find('/');
  if (slash == std::string_view::npos) return false;
  std::string wanted;
  for (const char c : symbol) {
    if (c == '-' || c == '/' || c == '_') continue;
    wanted += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  for (const std::string& base : spellings(pair.substr(0, slash), 'X')) {
    for (const std::string& quote : spellings(pair.substr(slash + 1), 'Z')) {
      if (base + quote == wanted) return true;
    }
  }
  return false;
}

bool offers(Venue venue, Feed feed) {
  const bool trades_alone = venue == Venue::kGemini || venue == Venue::kBullish;
  const bool quotes_alone = venue == Venue::kLmax;
  return feed == Feed::kTrades ? !quotes_alone : !trades_alone;
}

std::unique_ptr<VenueProtocol> make_protocol(Venue venue, Feed feed, std::vector<Instrument> instruments) {
  ENSURE(offers(venue, feed));
  const Feeds feeds{.trades = feed == Feed::kTrades, .books = feed == Feed::kBooks};
  switch (venue) {
    case Venue::kCryptoCom:
      return crypto_com(std::move(instruments), feeds);
    case Venue::kCoinbase:
      return feed == Feed::kTrades ? coinbase(std::move(instruments))
                                   : coinbase_level2(std::move(instruments));
    case Venue::kKraken:
      return kraken(std::move(instruments), feeds);
    case Venue::kBitstamp:
      return bitstamp(std::move(instruments), feeds);
    case Venue::kGemini:
      return gemini(std::move(instruments));
    case Venue::kBullish:
      return bullish(std::move(instruments));
    case Venue::kLmax:
      return lmax(std::move(instruments));
  }
  ENSURE(false);
}

}  // namespace navkeeper::pricing::venues
