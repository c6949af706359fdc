#pragma once
// Asks a custodian over HTTP so that it stays well-behaved and honest: at the allowed pace, again a bounded
// number of times with growing pauses, not at all for a while when it fails on and on; every answer is kept
// as evidence before anybody reads it, and a clock that runs off is said.
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/base/outside.h"
#include "common/http/client.h"
#include "common/time/clock.h"
#include "services/custody/app/custodian_instructions.h"
#include "services/custody/app/custodian_source.h"
#include "services/custody/domain/request_pace.h"

namespace navkeeper::custody {

/// How a request leaves: http::Client::send, or a test's.
using Transport = std::function<http::Response(const http::ClientRequest&)>;
using Sleep = std::function<void(time::Duration)>;
using Chance = std::function<std::uint32_t()>;

/// What an adapter makes of one answer.
struct Judgement {
  enum class What {
    kAnswered,  ///< `body` may be read
    kAgain,     ///< it may be better next time
    kRefused,   ///< asking again does not mend it
  };
  What what = What::kAnswered;
  std::string why = {};
  time::Duration wait_at_least = {};  ///< before asking again
};

struct Call {
  std::string operation;  ///< kept beside the answer
  std::string bucket;     ///< the token bucket that it draws on; empty: its own
  std::string request;    ///< what was asked, without key, signature, nonce
  /// Makes the request anew for every try, signed for that instant.
  std::function<http::ClientRequest(time::Instant now)> make;
  /// Reads the answer as far as needed; what it throws as base::Refused counts as kAgain.
  std::function<Judgement(const http::Response&)> judge;
};

struct Answer {
  json::Value body;
  crypto::Digest256 sha256{};
  time::Instant asked_at;
  /// What it is about, at the earliest: when it was asked for, less the age that a cache on the way admits.
  time::Instant as_of;
};

struct CallerLimits {
  int attempts_max = 4;
  /// No further try begins so long after the first one did, however many are left: who drips its answers
  /// holds nobody up for long.
  time::Duration asking_max = time::Duration::seconds(40);
  time::Duration pause_first = time::Duration::milliseconds(250);
  time::Duration pause_most = time::Duration::seconds(20);
  int failures_max = 8;  ///< calls in a row without an answer that open the breaker
  time::Duration breaker_open_for = time::Duration::seconds(60);
  time::Duration skew_max = time::Duration::seconds(10);
  /// How long to wait for the next place in a bucket that other processes draw on too; nothing: the bucket is
  /// this process's alone.
  std::function<time::Duration(const std::string& bucket, const TokenBucket& rate)> shared_wait = nullptr;
};

class Caller {
 public:
  /// `rate` gives the bucket of an operation. Everything given by reference must outlive this.
  Caller(std::string source, Transport transport, std::function<TokenBucket(const std::string&)> rate,
         Evidence& evidence, const time::Clock& clock, Sleep sleep, Chance chance, CallerLimits limits = {});

  /// Throws base::Unavailable after the last try or while the breaker is open, base::Refused for kRefused.
  Answer ask(const Call& call);
  /// Once and no more, for what moves something: base::InDoubt when it was sent and no answer can be read;
  /// base::Unavailable when it did not leave, such as because it was not signed by `not_after`.
  Answer tell(const Call& call, time::Instant not_after = time::Instant::latest());

  const time::Clock& clock() const { return clock_; }

 private:
  http::Response exchange(const Call& call, time::Instant& asked_at);
  void wait_for_token(const std::string& name);
  void look_at_clock(const http::Response& response, time::Instant asked_at, time::Instant answered_at);
  static time::Duration age_of(const http::Response& response);

  std::string source_;
  Transport transport_;
  std::function<TokenBucket(const std::string&)> rate_;
  Evidence& evidence_;
  const time::Clock& clock_;
  Sleep sleep_;
  Chance chance_;
  CallerLimits limits_;
  std::map<std::string, TokenBucket> buckets_;
  CircuitBreaker breaker_;
};

/// A custodian that is asked and told. Telling throws as app/custodian_instructions.h says; what an
/// instruction is made of was checked before (instructions.h).
class CustodianConnection : public CustodianSource {
 public:
  virtual Receipt withdraw(const Instruction& instruction) = 0;
  virtual Receipt stake(const Instruction& instruction) = 0;
  virtual Receipt unstake(const Instruction& instruction) = 0;
  virtual Receipt convert(const Instruction& instruction) = 0;  ///< base::Refused where there is none
};

/// "Tue, 03 Mar 2026 10:00:00 GMT" (RFC 9110 5.6.7, the form that is sent); nothing for any other text.
std::optional<time::Instant> parse_http_date(std::string_view text);

/// Sends to `base_url`; trusts `ca_file` where one is given. Each request is a connection's own business.
Transport http_transport(const std::string& base_url, const std::string& ca_file,
                         std::chrono::milliseconds total_timeout = std::chrono::seconds(20));
/// Of this machine: std::this_thread, and random bytes.
Sleep thread_sleep();
Chance random_chance();

/// Reads until two readings in a row are equal: an answer that is cut off, or stale, or another's now and
/// then does not pass. Throws base::Unavailable after kReadingsMax.
template <class Read>
auto agreed(const std::string& what, Read&& read) -> decltype(read()) {
  constexpr int kReadingsMax = 5;
  auto last = read();
  for (int i = 1; i < kReadingsMax; ++i) {
    auto next = read();
    if (next == last) return next;
    last = std::move(next);
  }
  throw base::Unavailable(what + ": its answers do not agree with one another");
}

}  // namespace navkeeper::custody
