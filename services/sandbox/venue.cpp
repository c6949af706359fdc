#include "services/sandbox/venue.h"

#include <algorithm>
#include <charconv>

#include "common/json/write.h"
#include "services/sandbox/simulated_trades.h"

namespace navkeeper::sandbox {

Venue::Venue(const World& world, std::string_view exchange_name, std::int64_t activity)
    : exchange_(sandbox::exchange(exchange_name)) {
  for (std::size_t i = 0; i < exchange_.listings.size(); ++i)
    boards_.push_back({.market = Market(world, exchange_, i, activity)});
}

std::string Venue::id_of(std::size_t market, const Print& print) const {
  return trade_id(exchange_, listing(market), print.number);
}

std::string Venue::price(std::size_t market, std::int64_t ticks) const {
  return boards_[market].market.price_text(ticks);
}

std::string Venue::size(std::size_t market, std::int64_t units) const {
  return boards_[market].market.size_text(units);
}

std::optional<std::size_t> Venue::market_of(std::string_view symbol) const {
  for (std::size_t i = 0; i < boards_.size(); ++i) {
    if (listing(i).symbol == symbol) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Venue::rest_market_of(std::string_view symbol) const {
  for (std::size_t i = 0; i < boards_.size(); ++i) {
    if (listing(i).rest_symbol == symbol) return i;
  }
  return std::nullopt;
}

void Venue::send_to_takers(std::size_t market, const std::string& text) {
  for (auto& [id, peer] : outlet_->peers()) {
    if (peer.trades[market]) send(peer, text, FrameKind::kTrade);
  }
}

void Venue::each_reader(std::size_t market, const std::function<void(Peer&, std::size_t)>& visit) {
  for (auto& [id, peer] : outlet_->peers()) {
    if (peer.levels[market] > 0) visit(peer, peer.levels[market]);
  }
}

bool Venue::beat_is_due(Peer& peer, time::Duration every) const {
  const time::Instant now = outlet_->connection_time();
  if (now - peer.beat_at < every) return false;
  peer.beat_at = now;
  return true;
}

std::vector<Print> Venue::recent(std::size_t market, std::size_t count) const {
  const std::deque<Print>& tape = boards_[market].tape;
  const std::size_t first = tape.size() - std::min(tape.size(), count);
  return {tape.begin() + static_cast<std::ptrdiff_t>(first), tape.end()};
}

std::vector<Print> Venue::prints_where(std::size_t market,
                                       const std::function<bool(const Print&)>& wanted) const {
  std::vector<Print> prints;
  for (const Print& print : boards_[market].tape) {
    if (wanted(print)) prints.push_back(print);
  }
  return prints;
}

std::vector<std::unique_ptr<Venue>> make_venues(const World& world, std::int64_t activity) {
  std::vector<std::unique_ptr<Venue>> venues;
  for (const auto make : {make_bitstamp, make_bullish, make_coinbase, make_coinbase_advanced, make_crypto_com,
                          make_gemini, make_kraken, make_lmax})
    venues.push_back(make(world, activity));
  return venues;
}

std::vector<DepthLevel> changed_levels(std::span<const DepthLevel> before, std::span<const DepthLevel> now,
                                       std::size_t levels) {
  before = before.first(std::min(levels, before.size()));
  now = now.first(std::min(levels, now.size()));
  std::map<std::int64_t, std::int64_t> old;
  for (const DepthLevel& level : before) old[level.price_ticks] = level.size_units;
  std::vector<DepthLevel> changed;
  for (const DepthLevel& level : now) {
    const auto found = old.find(level.price_ticks);
    if (found == old.end() || found->second != level.size_units) changed.push_back(level);
    if (found != old.end()) old.erase(found);
  }
  for (const auto& [price_ticks, size_units] : old) changed.push_back({price_ticks, 0});
  return changed;
}

std::string utc(time::Instant instant, int digits) {
  std::string text = instant.to_string();  // "...T20:03:41.25Z" or without a fraction
  text.pop_back();
  std::size_t point = text.find('.');
  if (point == std::string::npos) {
    point = text.size();
    text += '.';
  }
  text.resize(point + 1 + static_cast<std::size_t>(digits), '0');
  if (digits == 0) text.pop_back();
  return text + 'Z';
}

std::int64_t milliseconds(time::Instant instant) { return instant.ns() / 1'000'000; }
std::int64_t microseconds(time::Instant instant) { return instant.ns() / 1'000; }

std::optional<std::int64_t> whole(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
    return std::nullopt;
  return value;
}

std::string_view text_of(const json::Value& object, std::string_view key) {
  if (object.kind() != json::Kind::kObject) return "";
  const json::Value* member = object.find(key);
  return member != nullptr && member->kind() == json::Kind::kString ? member->as_string()
                                                                    : std::string_view();
}

std::optional<std::vector<std::string>> texts_of(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->kind() == json::Kind::kString) return std::vector{value->as_string()};
  if (value->kind() != json::Kind::kArray) return std::nullopt;
  std::vector<std::string> texts;
  for (const json::Value& item : value->as_array()) {
    if (item.kind() != json::Kind::kString) return std::nullopt;
    texts.push_back(item.as_string());
  }
  return texts;
}

std::string token_of(const json::Value& object, std::string_view key, std::string_view otherwise) {
  const json::Value* member = object.kind() == json::Kind::kObject ? object.find(key) : nullptr;
  if (member == nullptr) return std::string(otherwise);
  if (member->kind() == json::Kind::kNumber) return member->as_number();
  if (member->kind() == json::Kind::kString) return json::quoted(member->as_string());
  return std::string(otherwise);
}

}  // namespace navkeeper::sandbox
