#include "services/pricing/adapters/venues/frame_reader.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing::venues {

namespace {

/// A string without escapes or a whole number: of a structure the token is only its bracket, of which all
/// would be one id.
bool is_identifier(const Token& token) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (token.kind == Token::Kind::kString) return token.text.find('\\') == std::string_view::npos;
  return token.present() && std::ranges::all_of(token.text, is_digit);
}

}  // namespace

bool FrameReader::open(std::string_view text) {
  if (text.empty() || text.size() > kFrameBytesMax) return false;
  const std::size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
  if (buffer_.size() < needed) buffer_.resize(std::max(needed, buffer_.size() * 2));
  std::memcpy(buffer_.data(), text.data(), text.size());
  // The padding must be there, not clean; cleared so that one frame never shows through in the next.
  std::memset(buffer_.data() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  return parser_.iterate(buffer_.data(), text.size(), buffer_.size()).get(document_) == simdjson::SUCCESS;
}

bool add_trade(TradeSink sink, Venue venue, std::uint16_t instrument, const TradeTokens& tokens,
               std::optional<std::int64_t> exchange_ns, const char* time_field, Side side, bool dense) {
  Exact price;
  Exact size;
  if (!read_positive(tokens.price, tokens.price_field, Fate::kKeep, instrument, price, sink)) return false;
  if (!read_positive(tokens.size, tokens.size_field, Fate::kKeep, instrument, size, sink)) return false;
  if (!exchange_ns || *exchange_ns <= 0) {
    sink.refuse(Problem::kBadTime, Fate::kKeep, time_field, instrument);
    return false;
  }
  const auto id = is_identifier(tokens.id) ? TradeId::of(tokens.id.text) : std::nullopt;
  const auto number = dense ? read_unsigned(tokens.id.text) : 0;
  if (!id || !number || (dense && *number == 0)) {
    sink.refuse(Problem::kBadId, Fate::kKeep, tokens.id_field, instrument);
    return false;
  }
  RawTrade& trade = sink.trades.emplace_back();
  trade.venue = venue;
  trade.side = side;
  trade.instrument = instrument;
  trade.exchange_ns = *exchange_ns;
  trade.price = price;
  trade.size = size;
  trade.id = *id;
  trade.number = *number;
  return true;
}

std::optional<std::int64_t> read_epoch(const Token& token, std::int64_t ns_each) {
  const auto count = read_unsigned(token.text);
  std::int64_t ns = 0;
  if (!count || *count > INT64_MAX ||
      __builtin_mul_overflow(static_cast<std::int64_t>(*count), ns_each, &ns)) {
    return std::nullopt;
  }
  return ns;
}

bool add_levels(ondemand::value& list, bool bid, std::uint16_t instrument, Frame& out) {
  ondemand::array levels;
  if (!as_array(list, levels)) {
    out.refuse(Problem::kMissingField, Fate::kResubscribeBook, bid ? "bids" : "asks", instrument);
    return false;
  }
  bool good = true;
  const bool whole = each_item(levels, [&](ondemand::value& item) {
    ondemand::array pair;
    if (!as_array(item, pair)) return false;
    Token tokens[2];
    std::size_t count = 0;
    if (!each_item(pair, [&](ondemand::value& value) {
          if (count < 2) tokens[count] = token_of(value.raw_json_token());
          ++count;
          return true;
        })) {
      return false;
    }
    BookLevel level;
    level.bid = bid;
    good = good && read_positive(tokens[0], "price", Fate::kResubscribeBook, instrument, level.price, out);
    if (!good) return true;
    const ExactError error =
        tokens[1].present() ? read_exact(tokens[1].text, level.size) : ExactError::kMalformed;
    if (error != ExactError::kNone || level.size.mantissa < 0) {
      out.refuse(error == ExactError::kTooManyDigits ? Problem::kTooManyDigits : Problem::kBadNumber,
                 Fate::kResubscribeBook, "size", instrument);
      good = false;
      return true;
    }
    if (out.levels.size() == kLevelsMax) {
      out.refuse(Problem::kTooManyLevels, Fate::kResubscribeBook, "", instrument);
      good = false;
      return true;
    }
    out.levels.push_back(level);
    return true;
  });
  if (!whole) {
    out.refuse(Problem::kBadNumber, Fate::kResubscribeBook, bid ? "bids" : "asks", instrument);
    return false;
  }
  return good;
}

std::string quoted_text(std::string_view text) {
  std::string quoted(text.substr(0, 200));
  std::replace_if(
      quoted.begin(), quoted.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return quoted;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    ENSURE(text.find_first_of("\"\\") == std::string::npos);
    if (!list.empty()) list += ',';
    list += '"' + text + '"';
  }
  return list;
}

}  // namespace navkeeper::pricing::venues
