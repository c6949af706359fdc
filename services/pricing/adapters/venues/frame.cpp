#include "services/pricing/adapters/venues/frame.h"

#include <algorithm>

namespace navkeeper::pricing::venues {

std::string_view name_of(Venue venue) {
  switch (venue) {
    case Venue::kCryptoCom:
      return "crypto_com";
    case Venue::kCoinbase:
      return "coinbase";
    case Venue::kKraken:
      return "kraken";
    case Venue::kBitstamp:
      return "bitstamp";
    case Venue::kGemini:
      return "gemini";
    case Venue::kBullish:
      return "bullish";
    case Venue::kLmax:
      return "lmax";
  }
  return "";
}

std::string_view describe(Problem problem) {
  switch (problem) {
    case Problem::kTooLarge:
      return "frame is too large";
    case Problem::kNotJson:
      return "not a JSON document";
    case Problem::kTwice:
      return "field stands twice in one object";
    case Problem::kUnknownMessage:
      return "unknown message";
    case Problem::kUnknownInstrument:
      return "unknown instrument";
    case Problem::kMissingField:
      return "field is missing";
    case Problem::kBadNumber:
      return "not a decimal number";
    case Problem::kTooManyDigits:
      return "more than 18 digits or decimals";
    case Problem::kNotPositive:
      return "not positive";
    case Problem::kBadTime:
      return "not a time";
    case Problem::kBadId:
      return "not an identifier";
    case Problem::kTooManyLevels:
      return "too many levels";
    case Problem::kCrossedBook:
      return "book is crossed";
    case Problem::kBookSequence:
      return "book update was lost";
    case Problem::kBookChecksum:
      return "checksum of the book differs";
  }
  return "";
}

std::optional<TradeId> TradeId::of(std::string_view text) {
  if (text.empty() || text.size() > kBytes) return std::nullopt;
  TradeId id;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] <= ' ' || text[i] > '~') return std::nullopt;
    id.bytes_[i] = text[i];
  }
  id.size_ = static_cast<std::uint8_t>(text.size());
  return id;
}

void Frame::clear() {
  trades.clear();
  history = false;
  quotes.clear();
  books.clear();
  levels.clear();
  reached.clear();
  connection_sequence.reset();
  heartbeat = false;
  said_ns.reset();
  answer.clear();
  subscribed = false;
  please_reconnect = false;
  venue_error.clear();
  excluded = 0;
  refusals.clear();
  refusals_beyond = 0;
  fate_ = Fate::kKeep;
}

void Frame::refuse(Problem problem, Fate fate, const char* field, std::optional<std::uint16_t> instrument) {
  fate_ = std::max(fate_, fate);
  if (refusals.size() == kRefusalsMax) {
    ++refusals_beyond;
    return;
  }
  refusals.push_back({problem, fate, field, instrument});
}

void Frame::refuse_whole(Problem problem) {
  clear();
  refuse(problem, Fate::kReconnect);
}

}  // namespace navkeeper::pricing::venues
