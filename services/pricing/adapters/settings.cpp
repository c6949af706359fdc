#include "services/pricing/adapters/settings.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "common/model/id.h"

namespace navkeeper::pricing {
namespace {

using runtime::TomlPlace;
using runtime::TomlReader;

constexpr std::size_t kPairsMax = 200;

std::string base_url(TomlReader& table, std::string_view key, std::string_view plain,
                     std::string_view secure) {
  const auto place = table.optional_value(key);
  if (!place) return {};
  const std::string url = place->string();
  if (!url.starts_with(plain) && !url.starts_with(secure)) {
    place->refuse("must begin with " + std::string(plain) + " or " + std::string(secure));
  }
  return url;
}

std::vector<venues::Instrument> instruments_of(TomlReader& table, venues::Venue venue) {
  std::vector<venues::Instrument> instruments;
  const auto places = table.array("pairs");
  if (places.empty() || places.size() > kPairsMax) table.refuse("pairs", "must name 1 to 200 pairs");
  for (const TomlPlace& place : places) {
    const std::string pair = place.string();
    auto instrument = venues::instrument_of(venue, pair);
    if (!instrument || !model::PairId::parse(pair)) place.refuse("must be BASE/QUOTE in upper-case letters");
    if (std::ranges::find(instruments, pair, &venues::Instrument::pair) != instruments.end()) {
      place.refuse("is named twice");
    }
    instruments.push_back(*std::move(instrument));
  }
  return instruments;
}

void read_feeds(TomlReader& table, VenueSettings& settings) {
  settings.trades = venues::offers(settings.venue, venues::Feed::kTrades);
  settings.books = venues::offers(settings.venue, venues::Feed::kBooks);
  if (!table.has("feeds")) return;
  const VenueSettings offered = settings;
  settings.trades = settings.books = false;
  for (const TomlPlace& place : table.array("feeds")) {
    const std::string feed = place.string();
    if (feed != "trades" && feed != "books") place.refuse("must be trades or books");
    if (feed == "trades" ? !offered.trades : !offered.books) place.refuse("the venue does not offer it");
    bool& wanted = feed == "trades" ? settings.trades : settings.books;
    if (wanted) place.refuse("is named twice");
    wanted = true;
  }
}

VenueSettings read_venue(TomlReader& table, const std::string& folder) {
  VenueSettings settings;
  const TomlPlace name = table.value("name");
  const auto venue = venues::parse_venue(name.string());
  if (!venue) name.refuse("must be crypto_com, coinbase, kraken, bitstamp, gemini, bullish or lmax");
  settings.venue = *venue;
  settings.instruments = instruments_of(table, *venue);
  read_feeds(table, settings);
  settings.socket_base = base_url(table, "socket_base", "ws://", "wss://");
  settings.rest_base = base_url(table, "rest_base", "http://", "https://");
  settings.books_socket_base = base_url(table, "books_socket_base", "ws://", "wss://");
  settings.books_rest_base = base_url(table, "books_rest_base", "http://", "https://");
  if (settings.books_socket_base.empty()) settings.books_socket_base = settings.socket_base;
  if (settings.books_rest_base.empty()) settings.books_rest_base = settings.rest_base;
  if (const auto file = table.optional_string("ca_file")) {
    settings.ca_file = (std::filesystem::path(folder) / *file).string();
  }
  table.finish();
  return settings;
}

int read_days(const TomlPlace& place) {
  return static_cast<int>(place.integer(RetentionPolicy::kKeepDaysMin, RetentionPolicy::kKeepDaysMax));
}

void read_tape(TomlReader table, Settings& all) {
  RetentionPolicy& settings = all.tape;
  if (const auto days = table.optional_value("keep_days")) settings.keep_days = read_days(*days);
  if (auto pairs = table.optional_table("keep_days_of")) {
    for (const std::string& pair : pairs->keys()) {
      if (!model::PairId::parse(pair)) pairs->refuse(pair, "must be BASE/QUOTE");
      settings.keep_days_of[pair] = read_days(pairs->value(pair));
    }
    pairs->finish();
  }
  if (const auto hours = table.optional_value("resume_hours"))
    all.resume_hours = static_cast<int>(hours->integer(1, 366 * 24));
  table.finish();
}

RealTimeSettings read_real_time(TomlReader table) {
  RealTimeSettings settings;
  if (const auto days =
          table.optional_integer("keep_days", RealTimeSettings::kKeepDaysMin, RealTimeSettings::kKeepDaysMax))
    settings.keep_days = static_cast<int>(*days);
  if (const auto within =
          table.optional_integer("publish_within_ms", 1, RealTimeSettings::kPublishWithinMsMax))
    settings.publish_within = time::Duration::milliseconds(*within);
  table.finish();
  return settings;
}

}  // namespace

Settings read_settings(TomlReader table, const std::string& folder) {
  Settings settings;
  std::set<venues::Venue> named;
  for (TomlReader& venue : table.optional_tables("venues")) {
    settings.venues.push_back(read_venue(venue, folder));
    if (!named.insert(settings.venues.back().venue).second) venue.refuse("name", "the venue is named twice");
  }
  if (auto tape = table.optional_table("tape")) read_tape(*tape, settings);
  if (auto real_time = table.optional_table("real_time")) settings.real_time = read_real_time(*real_time);
  if (auto strikes = table.optional_table("strikes")) {
    if (const auto seconds =
            strikes->optional_integer("feeds_wait_seconds", 0, Settings::kFeedsWaitSecondsMax))
      settings.feeds_wait = time::Duration::seconds(*seconds);
    if (const auto days = strikes->optional_integer("catch_up_days", 0, Settings::kCatchUpDaysMax))
      settings.catch_up_days = static_cast<int>(*days);
    strikes->finish();
  }
  table.finish();
  return settings;
}

}  // namespace navkeeper::pricing
