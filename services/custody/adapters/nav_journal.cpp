#include "services/custody/adapters/nav_journal.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/url.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kPeer = "nav";
constexpr int kNotFound = 404;
constexpr const char* kPageEntries = "1000";
constexpr int kPagesMax = 10'000;

}  // namespace

void read_journal_pages(http::Client& nav, const base::Secret& token, const model::FundId& fund,
                        const http::Parameters& query,
                        const std::function<std::string(const std::string& body)>& read) {
  std::string cursor;
  for (int page = 0; page < kPagesMax; ++page) {
    http::ClientRequest request;
    request.path = "/v1/funds/" + http::percent_encode(fund.value()) + "/journal";
    request.query = query;
    request.query.emplace_back("limit", kPageEntries);
    if (!cursor.empty()) request.query.emplace_back("cursor", cursor);
    http::set_bearer(request, token);
    const http::Response response = nav.send(request);
    if (response.status == kNotFound) base::refuse(fund.value(), "has no books");
    http::throw_if_problem(response, request.method, kPeer);
    std::string next = read(response.body);
    if (next.empty()) return;
    if (next == cursor)
      throw base::Unavailable(std::string(kPeer) + ": its journal's pages lead in a circle");
    cursor = std::move(next);
  }
  throw base::Unavailable(std::string(kPeer) + ": its journal has too many pages");
}

}  // namespace navkeeper::custody
