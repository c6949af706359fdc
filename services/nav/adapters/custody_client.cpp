#include "services/nav/adapters/custody_client.h"

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
constexpr const char* kPageLines = "1000";
constexpr int kPagesMax = 10'000;

}  // namespace

std::optional<PeerStatement> CustodyClient::reconciliation(const model::FundId& fund, time::Date date) {
  http::Client* const custody = peer_.client();
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
      http::set_bearer(request, peer_.token());
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
