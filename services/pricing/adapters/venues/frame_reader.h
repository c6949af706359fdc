#pragma once
// Shared by the venues' .cpp files, and included by nothing else: reading one JSON document with simdjson's
// on-demand parser, by the text of its tokens. Numbers are never converted by simdjson; strings are taken
// without unescaping, since no field that we read has an escape (one that has is refused as not being what it
// should be).
#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "services/pricing/adapters/venues/frame.h"

namespace navkeeper::pricing::venues {

namespace ondemand = simdjson::ondemand;

/// A scalar as it stands in the document, without quotes.
struct Token {
  enum class Kind : std::uint8_t { kAbsent, kString, kOther };
  std::string_view text;
  Kind kind = Kind::kAbsent;

  bool present() const { return kind != Kind::kAbsent; }
  bool is_null() const { return kind == Kind::kOther && text == "null"; }
  bool is(std::string_view wanted) const { return kind == Kind::kString && text == wanted; }
  bool is_true() const { return kind == Kind::kOther && text == "true"; }
};

inline Token token_of(std::string_view raw) {
  while (!raw.empty() && static_cast<unsigned char>(raw.back()) <= ' ') raw.remove_suffix(1);
  if (raw.size() >= 2 && raw.front() == '"') return {raw.substr(1, raw.size() - 2), Token::Kind::kString};
  return {raw, Token::Kind::kOther};
}

/// Collects the scalars of one object; notices a field that stands twice.
class Fields {
 public:
  /// Always true, so that a visitor can end with it.
  bool take(Token& slot, ondemand::value& value) {
    if (slot.present()) twice_ = true;
    slot = token_of(value.raw_json_token());
    return true;
  }
  /// The same of a field that is no scalar.
  void once(bool& seen) {
    twice_ = twice_ || seen;
    seen = true;
  }
  bool twice() const { return twice_; }

 private:
  bool twice_ = false;
};

/// Calls `visit(key, value)` for every field. False when the JSON is broken or `visit` returned false.
template <class Visit>
bool each_field(ondemand::object& object, Visit&& visit) {
  for (auto item : object) {
    if (item.error() != simdjson::SUCCESS) return false;
    ondemand::field field = std::move(item).value_unsafe();
    const char* const key = reinterpret_cast<const char*>(field.key().raw());
    const char* end = key;
    while (*end != '"')
      ++end;  // A key ends with its quote: simdjson has checked that every string is closed.
    if (!visit(std::string_view(key, static_cast<std::size_t>(end - key)), field.value())) return false;
  }
  return true;
}

/// Calls `visit(value)` for every item. False as above.
template <class Visit>
bool each_item(ondemand::array& array, Visit&& visit) {
  for (auto item : array) {
    ondemand::value value;
    if (std::move(item).get(value) != simdjson::SUCCESS) return false;
    if (!visit(value)) return false;
  }
  return true;
}

inline bool as_object(ondemand::value& value, ondemand::object& out) {
  return value.get_object().get(out) == simdjson::SUCCESS;
}
inline bool as_array(ondemand::value& value, ondemand::array& out) {
  return value.get_array().get(out) == simdjson::SUCCESS;
}

/// Owns simdjson's parser and the padded copy of the document that it needs. Tokens live until the next
/// open().
class FrameReader {
 public:
  /// Copies `text` and finds its structure. False: too large, not UTF-8, or strings not closed.
  bool open(std::string_view text);
  bool root(ondemand::object& out) { return document_.get_object().get(out) == simdjson::SUCCESS; }
  bool root(ondemand::array& out) { return document_.get_array().get(out) == simdjson::SUCCESS; }
  /// Back to the start: everything taken from the document before is gone, except tokens.
  void rewind() { document_.rewind(); }
  /// Nothing follows the value that was read to its end.
  bool at_end() {
    const char* rest = nullptr;
    return document_.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
  }

 private:
  std::vector<char> buffer_;
  ondemand::parser parser_;
  ondemand::document document_;
};

/// Reads a positive price or size; refuses into `out` (a Frame or a BackfillPage) when it is none.
template <class Out>
bool read_positive(const Token& token, const char* field, Fate fate, std::uint16_t instrument, Exact& number,
                   Out& out) {
  if (!token.present()) return out.refuse(Problem::kMissingField, fate, field, instrument), false;
  switch (read_exact(token.text, number)) {
    case ExactError::kNone:
      break;
    case ExactError::kMalformed:
      return out.refuse(Problem::kBadNumber, fate, field, instrument), false;
    case ExactError::kTooManyDigits:
      return out.refuse(Problem::kTooManyDigits, fate, field, instrument), false;
  }
  if (!number.is_positive()) return out.refuse(Problem::kNotPositive, fate, field, instrument), false;
  return true;
}

/// The tokens of one trade.
struct TradeTokens {
  Token price;
  Token size;
  Token id;
  const char* price_field = "price";
  const char* size_field = "size";
  const char* id_field = "id";
};

/// Where trades go, the same for frames and for pages of history.
struct TradeSink {
  std::vector<RawTrade>& trades;
  void* owner;
  void (*refuse_into)(void* into, Problem problem, Fate fate, const char* field, std::uint16_t instrument);

  static TradeSink of(Frame& frame) {
    return {frame.trades, &frame,
            [](void* into, Problem problem, Fate fate, const char* field, std::uint16_t at) {
              static_cast<Frame*>(into)->refuse(problem, fate, field, at);
            }};
  }
  template <class Page>
  static TradeSink of_page(Page& page) {
    return {page.trades, &page,
            [](void* into, Problem problem, Fate fate, const char* field, std::uint16_t at) {
              auto& refusals = static_cast<Page*>(into)->refusals;
              if (refusals.size() < kRefusalsMax) refusals.push_back({problem, fate, field, at});
            }};
  }
  void refuse(Problem problem, Fate fate, const char* field, std::uint16_t instrument) {
    refuse_into(owner, problem, fate, field, instrument);
  }
};

/// Checks and adds one trade. A trade that cannot be read is refused by itself and the connection is kept:
/// the trades beside it count, and where trades are numbered its hole is asked for again. `dense`: the id is
/// the trade's number.
bool add_trade(TradeSink sink, Venue venue, std::uint16_t instrument, const TradeTokens& tokens,
               std::optional<std::int64_t> exchange_ns, const char* time_field, Side side, bool dense);

/// "1655335880981" milliseconds (or another unit of `ns_each` nanoseconds) since the epoch; a string of
/// digits or a number.
std::optional<std::int64_t> read_epoch(const Token& token, std::int64_t ns_each);

/// Adds levels written [price, size, …]; strings or numbers. Size zero is allowed. False: refused, with the
/// book's fate.
bool add_levels(ondemand::value& list, bool bid, std::uint16_t instrument, Frame& out);

/// At most 200 bytes of what a venue said, printable.
std::string quoted_text(std::string_view text);

/// "a","b": JSON strings of symbols (ours, so nothing needs escaping: ENSURE).
std::string json_list(const std::vector<std::string>& texts);

}  // namespace navkeeper::pricing::venues
