#include "tests/unit/services/sandbox/live_rig.h"

#include <algorithm>
#include <thread>

#include "common/money/decimal.h"

namespace navkeeper::sandbox {
namespace {

const time::Instant kStart = time::Instant::literal("2026-03-05T20:00:00Z");
constexpr auto kTrades = live::Feed::kTrades;
constexpr auto kBooks = live::Feed::kBooks;

std::vector<live::Instrument> instruments_of(live::Venue venue) {
  std::vector<live::Instrument> list;
  for (const Listing& listing : exchange(live::name_of(venue)).listings)
    list.push_back(*live::instrument_of(venue, listing.pair));
  return list;
}

std::string key_of(const SimulatedTrade& trade) { return trade.venue + " " + trade.pair + " " + trade.id; }

std::string key_of(const Line& line, const live::RawTrade& trade) {
  return std::string(live::name_of(trade.venue)) + " " + line.protocol->instruments()[trade.instrument].pair +
         " " + std::string(trade.id.text());
}

bool same(const SimulatedTrade& printed, const live::RawTrade& arrived) {
  const std::int64_t second = 1'000'000'000;
  const bool same_time = arrived.coarse_time ? printed.time.ns() / second == arrived.exchange_ns / second
                                             : printed.time.ns() == arrived.exchange_ns;
  return same_time && money::Decimal::literal(printed.price) == arrived.price.decimal() &&
         money::Decimal::literal(printed.size) == arrived.size.decimal();
}

std::vector<pricing::Level> levels_of(const pricing::Ladder& ladder) {
  std::vector<pricing::Level> levels;
  for (std::size_t i = 0; i < ladder.size(); ++i) levels.push_back(ladder.best(i));
  return levels;
}

std::int64_t scaled(std::int64_t units, int decimals) {
  for (int i = decimals; i < 8; ++i) units *= 10;
  return units;
}

void expect_side(const std::vector<pricing::Level>& shown, const std::vector<DepthLevel>& truth,
                 const Listing& listing, std::size_t levels, const std::string& where) {
  ASSERT_FALSE(shown.empty()) << where;
  for (std::size_t i = 0; i < std::min(levels, shown.size()); ++i) {
    ASSERT_EQ(shown[i].ticks, scaled(truth[i].price_ticks, listing.price_decimals))
        << where << " level " << i;
    ASSERT_EQ(shown[i].lots, scaled(truth[i].size_units, listing.size_decimals)) << where << " level " << i;
  }
}

}  // namespace

void Collector::trade(const live::ReceivedTrade& received) {
  const std::lock_guard lock(mutex_);
  trades_.push_back(received);
}
void Collector::quote(const live::Quote& quote, std::int64_t) {
  const std::lock_guard lock(mutex_);
  quotes_.push_back(quote);
}
void Collector::book(std::uint16_t instrument, const live::LiveBook& book) {
  EXPECT_TRUE(book.valid());
  const std::lock_guard lock(mutex_);
  Book seen{instrument, book.exchange_ns(), levels_of(book.book().bids()), levels_of(book.book().asks())};
  shown_[instrument] = seen;
  books_.push_back(std::move(seen));
}
void Collector::book_lost(std::uint16_t instrument) {
  const std::lock_guard lock(mutex_);
  shown_.erase(instrument);
}
void Collector::note(const live::SessionNote& note) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(note);
}

std::vector<live::ReceivedTrade> Collector::trades() const {
  const std::lock_guard lock(mutex_);
  return trades_;
}
std::vector<Collector::Book> Collector::books() const {
  const std::lock_guard lock(mutex_);
  return books_;
}
std::vector<live::Quote> Collector::quotes() const {
  const std::lock_guard lock(mutex_);
  return quotes_;
}
std::vector<live::SessionNote> Collector::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}
std::size_t Collector::count(live::SessionNote::Kind kind) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(notes_.begin(), notes_.end(), [kind](const auto& note) { return note.kind == kind; }));
}
std::optional<Collector::Book> Collector::shown(std::uint16_t instrument) const {
  const std::lock_guard lock(mutex_);
  const auto found = shown_.find(instrument);
  return found == shown_.end() ? std::nullopt : std::optional(found->second);
}

Rig::Rig(const Options& options)
    : connection_clock_(wall_, wall_.now(), options.connection_speed),
      world_clock_(wall_, kStart, kMarketSpeed),
      world_(kDefaultSeed) {
  SandboxOptions sandbox;
  sandbox.start = kStart;
  sandbox.tls_folder = options.tls_folder;
  sandbox_ = std::make_unique<Sandbox>(sandbox, world_clock_, connection_clock_);
  using enum live::Venue;
  const std::vector<std::pair<live::Venue, live::Feed>> feeds{
      {kBitstamp, kTrades}, {kBullish, kTrades}, {kCoinbase, kTrades}, {kCryptoCom, kTrades},
      {kGemini, kTrades},   {kKraken, kTrades},  {kBitstamp, kBooks},  {kCoinbase, kBooks},
      {kCryptoCom, kBooks}, {kKraken, kBooks},   {kLmax, kBooks}};
  for (const auto& [venue, feed] : feeds) {
    const bool advanced = venue == kCoinbase && feed == kBooks;
    const VenueEndpoint& place =
        sandbox_->endpoint(advanced ? "coinbase_advanced" : std::string(live::name_of(venue)));
    live::LiveVenueOptions session;
    session.socket_base = place.socket;
    session.rest_base = place.rest;
    session.tls.ca_file = options.ca_file.empty() ? sandbox_->ca_file() : options.ca_file;
    session.connection_clock = &connection_clock_;
    // Of the connection's clock, which runs faster than this machine's answers may come.
    session.limits.request_max = time::Duration::seconds(20 * options.connection_speed);
    session.limits.attempts_max = 100;
    Line line{venue,
              feed,
              live::make_protocol(venue, feed, instruments_of(venue)),
              std::make_unique<Collector>(),
              {}};
    line.session = std::make_unique<live::LiveVenue>(*line.protocol, *line.sink, world_clock_, session);
    line.session->start();
    lines_.push_back(std::move(line));
  }
}

Rig::~Rig() {
  for (Line& line : lines_) line.session->stop();
  sandbox_->stop();
}

Line& Rig::line(live::Venue venue, live::Feed feed) {
  return *std::find_if(lines_.begin(), lines_.end(),
                       [&](const Line& line) { return line.venue == venue && line.feed == feed; });
}

bool Rig::wait_until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

time::Instant Rig::wait_for_live() {
  for (const Line& line : lines_) {
    EXPECT_TRUE(wait_until([&] { return line.session->state() == live::VenueSession::State::kLive; }))
        << line.name();
  }
  return world_clock_.now();
}

void Rig::wait_until_world_time(time::Instant instant) const {
  EXPECT_TRUE(wait_until([&] { return world_clock_.now() >= instant; }));
}

time::Instant Rig::fault(Fault kind, time::Duration length) {
  const time::Instant now = world_clock_.now();
  sandbox_->faults().add({.venue = {}, .fault = kind, .from = now, .until = now + length});
  return now + length;
}

void Rig::expect_the_truth(time::Instant from, time::Instant until) {
  wait_until_world_time(until + time::Duration::seconds(1));
  // The world's own thread may be behind its clock: what is printed late is waited for too.
  std::map<std::string, SimulatedTrade> truth;
  std::map<std::string, live::RawTrade> arrived;
  std::string twice;
  const auto all_arrived = [&] {
    truth.clear();
    for (const SimulatedTrade& trade : sandbox_->truth(from, until)) truth.emplace(key_of(trade), trade);
    arrived.clear();
    twice.clear();
    for (const Line& line : lines_) {
      for (const live::ReceivedTrade& received : line.sink->trades()) {
        if (received.trade.exchange_ns / 1'000'000'000 < second_of(from)) continue;
        const std::string key = key_of(line, received.trade);
        if (!arrived.emplace(key, received.trade).second) twice += key + "; ";
      }
    }
    return !truth.empty() && std::all_of(truth.begin(), truth.end(),
                                         [&](const auto& entry) { return arrived.contains(entry.first); });
  };
  EXPECT_TRUE(wait_until(all_arrived));
  EXPECT_EQ(twice, "");
  int missing = 0;
  for (const auto& [key, trade] : truth) {
    const auto found = arrived.find(key);
    if (found == arrived.end()) {
      if (++missing <= 20) ADD_FAILURE() << "never came: " << csv_row(trade);
      continue;
    }
    EXPECT_TRUE(same(trade, found->second)) << key;
    arrived.erase(found);
  }
  EXPECT_EQ(missing, 0);
  for (const auto& [key, trade] : arrived) {  // What is left must lie at the edges.
    if (trade.exchange_ns >= from.ns() && trade.exchange_ns < until.ns() && !trade.coarse_time)
      ADD_FAILURE() << "nobody printed: " << key;
  }
  for (const Line& line : lines_) {
    EXPECT_EQ(line.session->counters().contradictions, 0U) << line.name();
    EXPECT_EQ(line.session->counters().gaps_abandoned, 0U) << line.name();
    EXPECT_EQ(line.session->counters().too_old, 0U) << line.name();
  }
}

void Rig::expect_books_again(time::Instant after) {
  for (const Line& line : lines_) {
    if (line.feed != kBooks || line.venue == live::Venue::kLmax) continue;
    for (std::uint16_t i = 0; i < line.protocol->instruments().size(); ++i) {
      EXPECT_TRUE(wait_until([&] {
        const auto shown = line.sink->shown(i);
        return shown && shown->exchange_ns > after.ns();
      })) << line.name()
          << " " << line.protocol->instruments()[i].pair;
    }
  }
  const Line& quotes = line(live::Venue::kLmax, kBooks);
  EXPECT_TRUE(wait_until([&] {
    const auto all = quotes.sink->quotes();
    return !all.empty() && all.back().exchange_ns > after.ns();
  }));
}

void Rig::expect_books_true(std::size_t levels_kraken) const {
  for (const Line& line : lines_) {
    const std::vector<Collector::Book> books = line.sink->books();
    if (line.feed != kBooks || line.venue == live::Venue::kLmax) continue;
    EXPECT_FALSE(books.empty()) << line.name();
    const Exchange& venue = exchange(live::name_of(line.venue));
    std::vector<Market> markets;
    for (std::size_t i = 0; i < venue.listings.size(); ++i) markets.emplace_back(world_, venue, i);
    for (std::size_t i = 0; i < books.size(); i += 1 + i / 50) {  // All of the first ones, then ever fewer.
      const Collector::Book& book = books[i];
      const Market& market = markets[book.instrument];
      const Depth truth = market.depth(book.exchange_ns / 1'000'000'000);
      const std::string where =
          line.name() + " " + std::string(market.listing().pair) + " at " + truth.time.to_string();
      const std::size_t levels = line.venue == live::Venue::kKraken ? levels_kraken : Market::kLevels;
      expect_side(book.bids, truth.bids, market.listing(), levels, where);
      expect_side(book.asks, truth.asks, market.listing(), levels, where);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace navkeeper::sandbox
