#pragma once
// LiveVenue: a session joined to the world: one thread for the websocket, one for the requests of the
// backfill, so that a slow history never holds up the stream.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/http/client.h"
#include "services/pricing/adapters/venues/venue_session.h"

namespace navkeeper::pricing::venues {

struct LiveVenueOptions {
  /// Where to connect instead of the venue's own hosts: the sandbox, a test. "ws://127.0.0.1:4321",
  /// "http://127.0.0.1:4322"; empty: the venue's, over TLS. The paths are the venue's in any case.
  std::string socket_base{};
  std::string rest_base{};
  http::ClientTls tls{};
  SessionLimits limits{};
  /// Measures time-outs, heartbeats and rate limits where the market's own clock is simulated; absent: the
  /// market's.
  const time::Clock* connection_clock = nullptr;
  VenueClocks* venue_clocks = nullptr;  ///< see VenueSession
};

class LiveVenue {
 public:
  /// `sink` is called by the websocket's thread only; it, `protocol` and `clock` must outlive this.
  LiveVenue(VenueProtocol& protocol, SessionSink& sink, const time::Clock& clock,
            LiveVenueOptions options = {});
  ~LiveVenue();  ///< stops
  LiveVenue(const LiveVenue&) = delete;
  LiveVenue& operator=(const LiveVenue&) = delete;

  /// Before start(), see VenueSession.
  void resume(std::span<const RawTrade> recent);
  void ask_again(const Gap& gap);
  void start();
  /// Orderly: what waits is given to the sink, then no more comes. A request or a connecting under way is
  /// waited for.
  void stop();
  /// Of the session; may be called by any thread.
  VenueSession::Counters counters() const;
  VenueSession::State state() const;
  /// By market, as of when everything that had come was read; see VenueSession::whole.
  std::vector<std::optional<WholeSpan>> whole() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::pricing::venues
