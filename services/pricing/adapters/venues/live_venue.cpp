#include "services/pricing/adapters/venues/live_venue.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/url.h"
#include "common/http/websocket.h"

namespace navkeeper::pricing::venues {
namespace {

using std::chrono::milliseconds;

/// The longest wait of the websocket's thread: the session's clock may be another one than the machine's.
constexpr std::int64_t kWaitMsMax = 200;
constexpr std::size_t kFramesInARow = 1'000;  ///< before the session's deadlines are looked at again

}  // namespace

struct LiveVenue::Implementation {
  Implementation(VenueProtocol& given_protocol, SessionSink& sink, const time::Clock& given_clock,
                 LiveVenueOptions given_options)
      : protocol(given_protocol),
        options(std::move(given_options)),
        connection_clock(options.connection_clock != nullptr ? *options.connection_clock : given_clock),
        session(
            protocol, sink, given_clock, [this] { return random(); }, options.limits, &connection_clock,
            options.venue_clocks) {
    const VenueFacts& facts = protocol.facts();
    socket.url = (options.socket_base.empty() ? "wss://" + facts.socket.host : options.socket_base) +
                 facts.socket.target;
    socket.tls = options.tls;
    socket.connect_timeout = milliseconds(options.limits.connect_max.ns() / 1'000'000);
    socket.idle_timeout = milliseconds(std::max<std::int64_t>(facts.silence.ns() / 1'000'000 * 2, 1'000));
    socket.message_bytes_max = kFrameBytesMax;
    socket.ping = facts.venue != Venue::kLmax;  // LMAX closes connections that ping it often.
    rest.base_url = options.rest_base.empty() ? "https://" + facts.rest.host : options.rest_base;
    rest.tls = options.tls;
    rest.total_timeout = milliseconds(options.limits.request_max.ns() / 1'000'000);
    rest.response_bytes_max = kFrameBytesMax;
  }

  // --- the websocket's thread
  void run() {
    session.start();
    while (!stopping) {
      act();
      publish();
      const std::int64_t wait_ns =
          std::max<std::int64_t>((session.wake_at().ns() / 2 - connection_clock.now().ns() / 2), 0) * 2;
      const milliseconds wait(std::clamp<std::int64_t>(wait_ns / 1'000'000, 0, kWaitMsMax));
      const bool all_read = listen(wait);
      take_answers();
      session.on_time();
      if (all_read) look_what_is_whole();
    }
    session.stop();
    act();
    publish();
  }

  /// True when nothing is left to be read.
  bool listen(milliseconds wait) {
    if (!connection) {
      std::unique_lock lock(mutex);
      answered.wait_for(lock, std::max(wait, milliseconds(1)),
                        [this] { return stopping || !answers.empty(); });
      return true;
    }
    try {
      for (std::size_t i = 0; i < kFramesInARow && connection; ++i) {
        const auto text = connection->receive(i == 0 ? wait : milliseconds(0));
        if (!text) return true;
        session.on_frame(*text);
        act();
      }
    } catch (const base::Unavailable& over) {
      lose(over.what());
    }
    return !connection;
  }

  void look_what_is_whole() {
    std::vector<std::optional<WholeSpan>> seen;
    for (std::size_t i = 0; i < protocol.instruments().size(); ++i)
      seen.push_back(session.whole(static_cast<std::uint16_t>(i)));
    const std::lock_guard lock(mutex);
    whole = std::move(seen);
  }

  void lose(const std::string& why) {
    hang_up();
    session.on_disconnected(why);
  }

  void hang_up() {
    const std::lock_guard lock(mutex);
    connection.reset();
  }

  void act() {
    for (auto actions = session.take_actions(); !actions.empty(); actions = session.take_actions()) {
      for (SessionAction& action : actions) act_on(action);
    }
  }

  void act_on(SessionAction& action) {
    switch (action.kind) {
      case SessionAction::Kind::kConnect:
        if (stopping) return;
        try {
          auto made = std::make_unique<http::WebSocketClient>(socket);
          {
            const std::lock_guard lock(mutex);
            connection = std::move(made);
          }
          session.on_connected();
        } catch (const base::Unavailable& failure) {
          lose(failure.what());
        } catch (const base::Refused& refused) {
          lose(refused.what());
        }
        return;
      case SessionAction::Kind::kClose:
        hang_up();
        return;
      case SessionAction::Kind::kSend:
        if (!connection) return;
        try {
          connection->send(action.text);
        } catch (const base::Unavailable& failure) {
          lose(failure.what());
        }
        return;
      case SessionAction::Kind::kRequest: {
        const std::lock_guard lock(mutex);
        requests.push_back(std::move(action));
        asked.notify_one();
        return;
      }
    }
  }

  void take_answers() {
    std::deque<Answer> taken;
    {
      const std::lock_guard lock(mutex);
      taken.swap(answers);
    }
    for (const Answer& answer : taken) session.on_answer(answer.request_id, answer.status, answer.body);
  }

  // --- the requests' thread
  struct Answer {
    std::uint64_t request_id = 0;
    int status = 0;
    std::string body;
  };

  void serve_requests() {
    std::optional<http::Client> client;
    for (;;) {
      SessionAction action;
      {
        std::unique_lock lock(mutex);
        asked.wait(lock, [this] { return stopping || !requests.empty(); });
        if (stopping) return;
        action = std::move(requests.front());
        requests.pop_front();
      }
      Answer answer{action.request_id, 0, {}};
      try {
        if (!client) client.emplace(rest);
        http::ClientRequest request;
        request.path = action.request.path;
        request.query = base::value_or_refuse(http::parse_query(action.request.query));
        const http::Response response = client->send(request);
        answer.status = response.status;
        answer.body = response.body;
      } catch (const base::Unavailable&) {
        // Status 0: there was no answer.
      } catch (const base::Refused&) {
        // The same: an address or certificate file that cannot be used.
      }
      const std::lock_guard lock(mutex);
      answers.push_back(std::move(answer));
      answered.notify_one();
      if (connection) connection->interrupt();
    }
  }

  void publish() {
    const std::lock_guard lock(mutex);
    counters = session.counters();
    state = session.state();
  }

  VenueProtocol& protocol;
  LiveVenueOptions options;
  const time::Clock& connection_clock;
  std::mt19937_64 random{std::random_device{}()};
  VenueSession session;
  http::WebSocketOptions socket;
  http::ClientOptions rest;

  std::mutex mutex;  // Guards what follows; `connection` is used without it by its own thread, which alone
                     // changes it.
  std::unique_ptr<http::WebSocketClient> connection;
  std::deque<SessionAction> requests;
  std::deque<Answer> answers;
  std::condition_variable asked;
  std::condition_variable answered;
  VenueSession::Counters counters;
  VenueSession::State state = VenueSession::State::kStopped;
  std::vector<std::optional<WholeSpan>> whole;
  std::atomic<bool> stopping{false};
  std::thread socket_thread;
  std::thread rest_thread;
};

LiveVenue::LiveVenue(VenueProtocol& protocol, SessionSink& sink, const time::Clock& clock,
                     LiveVenueOptions options)
    : implementation_(std::make_unique<Implementation>(protocol, sink, clock, std::move(options))) {}

LiveVenue::~LiveVenue() { stop(); }

void LiveVenue::resume(std::span<const RawTrade> recent) { implementation_->session.resume(recent); }
void LiveVenue::ask_again(const Gap& gap) { implementation_->session.ask_again(gap); }

void LiveVenue::start() {
  Implementation& it = *implementation_;
  it.socket_thread = std::thread([&it] { it.run(); });
  it.rest_thread = std::thread([&it] { it.serve_requests(); });
}

void LiveVenue::stop() {
  Implementation& it = *implementation_;
  if (!it.socket_thread.joinable()) return;
  {
    const std::lock_guard lock(it.mutex);
    it.stopping = true;
    it.asked.notify_all();
    it.answered.notify_all();
    if (it.connection) it.connection->interrupt();
  }
  it.socket_thread.join();
  it.rest_thread.join();
}

VenueSession::Counters LiveVenue::counters() const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->counters;
}

std::vector<std::optional<WholeSpan>> LiveVenue::whole() const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->whole;
}

VenueSession::State LiveVenue::state() const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->state;
}

}  // namespace navkeeper::pricing::venues
