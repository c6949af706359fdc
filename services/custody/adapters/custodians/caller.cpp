#include "services/custody/adapters/custodians/caller.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/random.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{16} << 20;
constexpr std::int64_t kAgeSecondsMax = 86'400;
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// An answer that cannot be read may be read the next time.
Judgement judged(const Call& call, const http::Response& response) {
  try {
    return call.judge(response);
  } catch (const base::Refused& refused) {
    return {Judgement::What::kAgain, refused.what(), {}};
  }
}

std::string two_digits(std::size_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

}  // namespace

std::optional<time::Instant> parse_http_date(std::string_view text) {
  // "Tue, 03 Mar 2026 10:00:00 GMT"
  constexpr std::size_t kLength = 29;
  if (text.size() != kLength || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const std::string rfc3339 = std::string(text.substr(12, 4)) + "-" +
                              two_digits(static_cast<std::size_t>(month - kMonths.begin()) + 1) + "-" +
                              std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
  return time::parse_rfc3339(rfc3339);
}

Caller::Caller(std::string source, Transport transport, std::function<TokenBucket(const std::string&)> rate,
               Evidence& evidence, const time::Clock& clock, Sleep sleep, Chance chance, CallerLimits limits)
    : source_(std::move(source)),
      transport_(std::move(transport)),
      rate_(std::move(rate)),
      evidence_(evidence),
      clock_(clock),
      sleep_(std::move(sleep)),
      chance_(std::move(chance)),
      limits_(std::move(limits)),
      breaker_(limits_.failures_max, limits_.breaker_open_for) {}

void Caller::wait_for_token(const std::string& name) {
  if (limits_.shared_wait) {
    const time::Duration wait = limits_.shared_wait(name, rate_(name));
    if (wait > time::Duration()) sleep_(wait);
    return;
  }
  auto bucket = buckets_.find(name);
  if (bucket == buckets_.end()) bucket = buckets_.emplace(name, rate_(name)).first;
  for (;;) {
    const time::Duration wait = bucket->second.take(clock_.now());
    if (wait == time::Duration()) return;
    sleep_(wait);
  }
}

time::Duration Caller::age_of(const http::Response& response) {
  const std::string* const age = response.headers.find("age");
  if (age == nullptr) return {};
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(age->data(), age->data() + age->size(), seconds);
  if (error != std::errc() || end != age->data() + age->size() || seconds < 0 || seconds > kAgeSecondsMax)
    base::refuse("Age", "must be seconds of at most a day");
  return time::Duration::seconds(seconds);
}

void Caller::look_at_clock(const http::Response& response, time::Instant asked_at,
                           time::Instant answered_at) {
  const std::string* const header = response.headers.find("date");
  const auto date = header == nullptr ? std::nullopt : parse_http_date(*header);
  if (!date) return;
  // Their clock shows whole seconds, and the answer was made somewhere between.
  const time::Duration second = time::Duration::seconds(1);
  const bool behind = answered_at + limits_.skew_max < *date;
  const bool ahead = *date + second + limits_.skew_max < asked_at;
  if (behind || ahead)
    evidence_.raise({"clock_skew", source_,
                     std::string("our clock is ") + (behind ? "behind" : "ahead of") +
                         " theirs by more than " + std::to_string(limits_.skew_max.ns() / second.ns()) +
                         " s"});
}

http::Response Caller::exchange(const Call& call, time::Instant& asked_at) {
  wait_for_token(call.bucket.empty() ? call.operation : call.bucket);
  asked_at = clock_.now();
  http::Response response = transport_(call.make(asked_at));
  const time::Instant answered_at = clock_.now();
  evidence_.keep({call.operation, call.request, asked_at, answered_at, response.status, response.body});
  look_at_clock(response, asked_at, answered_at);
  return response;
}

Answer Caller::ask(const Call& call) {
  const std::string what = source_ + " " + call.operation;
  if (!breaker_.allows(clock_.now()))
    throw base::Unavailable(what + ": not asked before " + breaker_.retry_at().to_string() +
                            ", it failed too often in a row");
  std::string why;
  int failures = 0;
  const time::Instant began = clock_.now();
  for (;;) {
    time::Duration wait_at_least;
    try {
      time::Instant asked_at;
      const http::Response response = exchange(call, asked_at);
      const Judgement judgement = judged(call, response);
      if (judgement.what == Judgement::What::kRefused) {
        breaker_.succeeded();
        base::refuse(what, judgement.why);
      }
      if (judgement.what == Judgement::What::kAnswered) {
        auto body = json::parse(response.body);
        if (body.has_value()) {
          breaker_.succeeded();
          return {std::move(*body), crypto::sha256(response.body), asked_at, asked_at - age_of(response)};
        }
        why = "its answer is no JSON: " + body.error().message();
      } else {
        why = judgement.why;
        wait_at_least = judgement.wait_at_least;
      }
    } catch (const base::Unavailable& unavailable) {
      why = unavailable.what();
    } catch (const base::InDoubt& in_doubt) {
      why = in_doubt.what();  // asking changes nothing
    }
    if (++failures == limits_.attempts_max || clock_.now() - began >= limits_.asking_max) break;
    const time::Duration pause =
        pause_before_retry(failures, limits_.pause_first, limits_.pause_most, chance_());
    sleep_(std::max(pause, wait_at_least));
  }
  breaker_.failed(clock_.now());
  throw base::Unavailable(what + ": " + why + " (asked " + std::to_string(failures) +
                          (failures == 1 ? " time)" : " times)"));
}

Answer Caller::tell(const Call& call, time::Instant not_after) {
  const std::string what = source_ + " " + call.operation;
  Call bounded = call;
  bounded.make = [&](time::Instant now) {
    if (now > not_after)
      throw base::Unavailable(what + ": too late to be sent, it was to leave by " + not_after.to_string());
    return call.make(now);
  };
  time::Instant asked_at;
  const http::Response response = exchange(bounded, asked_at);  // Unavailable and InDoubt as they come
  Judgement judgement;
  auto body = json::parse(response.body);
  if (body.has_value()) judgement = judged(call, response);
  if (body.has_error() || judgement.what == Judgement::What::kAgain)
    throw base::InDoubt(what + ": " + (body.has_error() ? "its answer is no JSON" : judgement.why));
  if (judgement.what == Judgement::What::kRefused) base::refuse(what, judgement.why);
  try {
    return {std::move(*body), crypto::sha256(response.body), asked_at, asked_at - age_of(response)};
  } catch (const base::Refused& refused) {
    throw base::InDoubt(what + ": " + refused.what());
  }
}

Transport http_transport(const std::string& base_url, const std::string& ca_file,
                         std::chrono::milliseconds total_timeout) {
  http::ClientOptions options;
  options.base_url = base_url;
  options.total_timeout = total_timeout;
  options.response_bytes_max = kAnswerBytesMax;
  options.tls.ca_file = ca_file;
  const auto client = std::make_shared<http::Client>(std::move(options));
  return [client](const http::ClientRequest& request) { return client->send(request); };
}

Sleep thread_sleep() {
  return [](time::Duration pause) { std::this_thread::sleep_for(std::chrono::nanoseconds(pause.ns())); };
}

Chance random_chance() {
  return [] {
    std::array<std::uint8_t, 4> bytes{};
    crypto::fill_random(bytes);
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8U | byte;
    return value;
  };
}

}  // namespace navkeeper::custody
