#include "services/sandbox/custodians/custodian.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr std::int64_t kScaleShift = 100'000'000;
constexpr auto kSkew = time::Duration::seconds(120);
constexpr std::size_t kEnvelopesKept = 10'000;

std::string garbage_of(const std::string& text, int kind) {
  switch (kind % 3) {
    case 0:
      return text.substr(0, text.size() / 2);
    case 1:
      return "\xff\xfe" + text;
    default:
      return "<html><body>502 Bad Gateway</body></html>";
  }
}

time::Duration distance(time::Instant a, time::Instant b) { return a < b ? b - a : a - b; }

}  // namespace

AccountView Custodian::view() const {
  const time::Instant now = clocks_.world.now();
  return {has(CustodianFault::kStale) ? now - kStaleFor : now,
          faults_.began(name_, CustodianFault::kRestated, now), has(CustodianFault::kShortBalance)};
}

std::string Custodian::amount(money::Int128 units, Coin coin) const {
  return coins_text(has(CustodianFault::kWrongScale) ? units * kScaleShift : units, coin);
}

bool Custodian::is_current(time::Instant said, time::Duration tolerance) const {
  const time::Duration ahead = has(CustodianFault::kSkewedClock) ? kSkew : time::Duration();
  return distance(said, clocks_.world.now() + ahead) <= tolerance ||
         distance(said, clocks_.connection.now() + ahead) <= tolerance;
}

bool Custodian::take(const std::string& name, int burst, time::Duration refill) {
  const time::Instant now = clocks_.connection.now();
  const auto [found, is_new] = buckets_.try_emplace(name, Bucket{burst, now});
  Bucket& bucket = found->second;
  while (bucket.tokens < burst && now - bucket.filled_at >= refill) {
    ++bucket.tokens;
    bucket.filled_at = bucket.filled_at + refill;
  }
  if (bucket.tokens == burst) bucket.filled_at = now;
  if (bucket.tokens == 0) return false;
  --bucket.tokens;
  return true;
}

bool Custodian::every_second(CustodianFault fault) { return has(fault) && ++counts_[fault] % 2 == 0; }

CustodianAccount::Refusal Custodian::ask(MoveKind kind, Coin coin, money::Int128 units,
                                         const std::string& address, const std::string& client_id,
                                         Move& move) {
  const auto refused = account_.ask(kind, coin, units, address, client_id, now(), move);
  if (refused != CustodianAccount::Refusal::kNothing || kind != MoveKind::kWithdrawal || bridge_ == nullptr)
    return refused;
  if (const auto transaction = bridge_->withdraw(account_, move)) account_.paid_out(move, *transaction);
  return refused;
}

bool Custodian::is_repeated(const std::string& envelope) {
  if (!known_envelopes_.insert(envelope).second) return true;
  envelopes_.push_back(envelope);
  if (envelopes_.size() > kEnvelopesKept) {
    known_envelopes_.erase(envelopes_.front());
    envelopes_.pop_front();
  }
  return false;
}

http::Response Custodian::guard(const http::Request& request, const http::Handler& inner) {
  if (has(CustodianFault::kSilence)) std::this_thread::sleep_for(std::chrono::nanoseconds(kSilentFor.ns()));
  if (has(CustodianFault::kErrors)) return http::Response::text("Service Temporarily Unavailable", 503);
  if (has(CustodianFault::kRateLimit)) return too_many_requests(request);
  http::Response response = inner(request);
  if (has(CustodianFault::kLostAnswer)) return http::Response::text("Bad Gateway", 502);
  if (response.status != 200) return response;
  if (has(CustodianFault::kStale)) response.headers.set("age", std::to_string(kStaleFor.ns() / kNsASecond));
  const auto before = last_.find(request.route);
  const bool replays = before != last_.end() && every_second(CustodianFault::kReplay);
  const http::Response replayed = replays ? before->second : http::Response();
  last_.insert_or_assign(request.route, response);
  if (replays) return replayed;
  if (every_second(CustodianFault::kGarbage))
    response.body = garbage_of(response.body, counts_[CustodianFault::kGarbage] / 2);
  return response;
}

}  // namespace navkeeper::sandbox
