#include "services/custody/adapters/books_client.h"

#include <memory>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/client.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/money/overflow.h"
#include "services/custody/adapters/books_movements.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kPeer = "nav";
constexpr int kNotFound = 404;
constexpr const char* kPageLimit = "1000";
constexpr std::size_t kPagesMax = 10'000;

}  // namespace

BooksReader books_over_http(const std::string& nav_url, base::Secret token) {
  const auto client = std::make_shared<http::Client>(http::ClientOptions{.base_url = nav_url});
  return [client, token = std::move(token)](const model::FundId& fund, time::Date from, time::Date to,
                                            time::Instant known_at) {
    JournalReader reader;
    std::string cursor;
    for (std::size_t page = 0; page < kPagesMax; ++page) {
      http::ClientRequest request;
      request.path = "/v1/funds/" + http::percent_encode(fund.value()) + "/journal";
      request.query = {{"basis", "settled"}, {"as_of", to.to_string()}, {"limit", kPageLimit}};
      if (known_at != time::Instant::latest()) request.query.emplace_back("known_at", known_at.to_string());
      if (!cursor.empty()) request.query.emplace_back("cursor", cursor);
      if (!token.empty()) request.headers.set("authorization", "Bearer " + token.reveal());
      const http::Response response = client->send(request);
      if (response.status == kNotFound) base::refuse(fund.value(), "has no books");
      http::throw_if_problem(response, request.method, kPeer);
      std::string next;
      try {
        next = reader.read(response.body);
      } catch (const base::Refused& refused) {
        throw base::Unavailable(std::string(kPeer) + " answered what is no journal: " + refused.what());
      } catch (const money::OverflowError& overflow) {
        throw base::Unavailable(std::string(kPeer) + " answered amounts that do not fit: " + overflow.what());
      }
      if (next.empty()) {
        std::vector<TransferFact> facts = reader.facts();
        std::erase_if(facts, [&](const TransferFact& fact) {
          const time::Date day = time::utc_date(fact.at);
          return day < from || day > to;
        });
        return facts;
      }
      if (next == cursor)
        throw base::Unavailable(std::string(kPeer) + ": its journal's pages lead in a circle");
      cursor = std::move(next);
    }
    throw base::Unavailable(std::string(kPeer) + ": its journal has too many pages");
  };
}

}  // namespace navkeeper::custody
