#pragma once
// The sandbox's venues and the pricing service's adapters on real sockets, on two clocks: the market's, which
// runs fast, and the connections', which runs faster than the wall's too, so that a silence of a minute takes
// three seconds.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/live_venue.h"
#include "services/sandbox/exchange.h"
#include "services/sandbox/sandbox.h"

namespace navkeeper::sandbox {

namespace live = pricing::venues;

constexpr std::int64_t kMarketSpeed = 60;
constexpr std::int64_t kConnectionSpeed = 20;
/// How long a test waits for what must happen. The tests also run under sanitizers on a busy machine.
constexpr std::chrono::seconds kPatience{180};

/// What one session delivered.
class Collector final : public live::SessionSink {
 public:
  struct Book {
    std::uint16_t instrument = 0;
    std::int64_t exchange_ns = 0;
    std::vector<pricing::Level> bids;  ///< best first
    std::vector<pricing::Level> asks;
  };

  void trade(const live::ReceivedTrade& received) override;
  void quote(const live::Quote& quote, std::int64_t received_ns) override;
  void book(std::uint16_t instrument, const live::LiveBook& book) override;
  void book_lost(std::uint16_t instrument) override;
  void note(const live::SessionNote& note) override;

  std::vector<live::ReceivedTrade> trades() const;
  std::vector<Book> books() const;
  std::vector<live::Quote> quotes() const;
  std::vector<live::SessionNote> notes() const;
  std::size_t count(live::SessionNote::Kind kind) const;
  /// The last book of that market, or nothing while it is lost.
  std::optional<Book> shown(std::uint16_t instrument) const;

 private:
  mutable std::mutex mutex_;
  std::vector<live::ReceivedTrade> trades_;
  std::vector<Book> books_;
  std::map<std::uint16_t, Book> shown_;
  std::vector<live::Quote> quotes_;
  std::vector<live::SessionNote> notes_;
};

/// One session of one feed.
struct Line {
  live::Venue venue{};
  live::Feed feed{};
  std::unique_ptr<live::VenueProtocol> protocol;
  std::unique_ptr<Collector> sink;
  std::unique_ptr<live::LiveVenue> session;

  std::string name() const {
    return std::string(live::name_of(venue)) + (feed == live::Feed::kTrades ? " trades" : " books");
  }
};

class Rig {
 public:
  struct Options {
    std::string tls_folder = {};
    std::string ca_file = {};  ///< that the sessions trust; empty: the sandbox's own, if any
    std::int64_t connection_speed = kConnectionSpeed;
  };
  Rig() : Rig(Options()) {}
  explicit Rig(const Options& options);
  ~Rig();

  /// Until every session delivers. The instant from which all must arrive.
  time::Instant wait_for_live();
  /// Until `done` is true; false when it did not become so in time.
  static bool wait_until(const std::function<bool()>& done);
  void wait_until_world_time(time::Instant instant) const;
  /// Sets the fault for all venues, from now on, and returns its end.
  time::Instant fault(Fault kind, time::Duration length);
  /// Waits until every trade of [from, until) that the venues printed has arrived, then checks that nothing
  /// came twice, nothing else came, and all of it says what was printed.
  void expect_the_truth(time::Instant from, time::Instant until);
  /// Waits until each market's book has been shown after `after`.
  void expect_books_again(time::Instant after);
  /// Each book delivered is the venue's own of that second: `levels_kraken` of Kraken's, all of the others'.
  void expect_books_true(std::size_t levels_kraken) const;

  std::vector<Line>& lines() { return lines_; }
  Line& line(live::Venue venue, live::Feed feed);
  Sandbox& sandbox() { return *sandbox_; }
  const time::Clock& world_clock() const { return world_clock_; }

 private:
  time::SystemClock wall_;
  time::ScaledClock connection_clock_;
  time::ScaledClock world_clock_;
  World world_;
  std::unique_ptr<Sandbox> sandbox_;
  std::vector<Line> lines_;
};

}  // namespace navkeeper::sandbox
