#include "services/nav/adapters/custody_client.h"

#include <chrono>
#include <stdexcept>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "services/nav/adapters/reconciliation_answer.h"

namespace navkeeper::nav {
namespace {

constexpr const char* kPeer = "custody";
constexpr int kNotFound = 404;
constexpr std::chrono::milliseconds kTotalTimeout{10'000};
constexpr const char* kPageLines = "1000";
constexpr int kPagesMax = 10'000;

}  // namespace

http::Client* CustodyClient::client() {
  const std::lock_guard lock(mutex_);
  if (!is_asked_) {
    const std::string url = url_ ? url_() : std::string();
    if (!url.empty()) {
      http::ClientOptions options;
      options.base_url = url;
      options.total_timeout = kTotalTimeout;
      if (token_of_) token_ = token_of_();
      client_ = std::make_unique<http::Client>(options);
    }
    is_asked_ = true;
  }
  return client_.get();
}

std::optional<PeerStatement> CustodyClient::reconciliation(const model::FundId& fund, time::Date date) {
  http::Client* const custody = client();
  if (custody == nullptr) return std::nullopt;
  try {
    ReconciliationReader reader(fund, date);
    std::string cursor;
    for (int page = 0; page < kPagesMax; ++page) {
      http::ClientRequest request;
      request.path =
          "/v1/custody/funds/" + http::percent_encode(fund.value()) + "/reconciliations/" + date.to_string();
      request.query = {{"limit", kPageLines}};
      if (!cursor.empty()) request.query.emplace_back("cursor", cursor);
      http::set_bearer(request, token_);
      const http::Response response = custody->send(request);
      if (response.status == kNotFound && page == 0) return std::nullopt;
      http::throw_if_problem(response, request.method, kPeer);
      std::string next = reader.read(response.body);
      if (next.empty()) return reader.take();
      if (next == cursor) break;
      cursor = std::move(next);
    }
    throw base::Unavailable(std::string(kPeer) + ": the pages of its reconciliation do not end");
  } catch (const base::Refused& refused) {
    throw base::Unavailable(std::string(kPeer) + " answered what is no reconciliation: " + refused.what());
  } catch (const std::overflow_error& overflow) {
    throw base::Unavailable(std::string(kPeer) + " answered more than can be: " + overflow.what());
  }
}

}  // namespace navkeeper::nav
