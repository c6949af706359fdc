#include "services/custody/adapters/books_client.h"

#include <memory>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/client.h"
#include "common/money/overflow.h"
#include "services/custody/adapters/books_movements.h"
#include "services/custody/adapters/nav_journal.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kPeer = "nav";

}  // namespace

BooksReader books_over_http(const std::string& nav_url, base::Secret token) {
  const auto client = std::make_shared<http::Client>(http::ClientOptions{.base_url = nav_url});
  return [client, token = std::move(token)](const model::FundId& fund, time::Date from, time::Date to,
                                            time::Instant known_at) {
    JournalReader reader;
    http::Parameters query{{"basis", "settled"}, {"as_of", to.to_string()}};
    if (known_at != time::Instant::latest()) query.emplace_back("known_at", known_at.to_string());
    read_journal_pages(*client, token, fund, query, [&](const std::string& body) {
      try {
        return reader.read(body);
      } catch (const base::Refused& refused) {
        throw base::Unavailable(std::string(kPeer) + " answered what is no journal: " + refused.what());
      } catch (const money::OverflowError& overflow) {
        throw base::Unavailable(std::string(kPeer) + " answered amounts that do not fit: " + overflow.what());
      }
    });
    std::vector<TransferFact> facts = reader.facts();
    std::erase_if(facts, [&](const TransferFact& fact) {
      const time::Date day = time::utc_date(fact.at);
      return day < from || day > to;
    });
    return facts;
  };
}

}  // namespace navkeeper::custody
