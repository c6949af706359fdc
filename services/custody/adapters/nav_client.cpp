#include "services/custody/adapters/nav_client.h"

#include <set>
#include <stdexcept>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"
#include "services/custody/adapters/nav_journal.h"

namespace navkeeper::custody {
namespace {

constexpr int kNotFound = 404;

/// What a peer answered and cannot be read is its trouble, not ours.
template <class Read>
void understood(const char* peer, Read&& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    throw base::Unavailable(std::string(peer) + " answered what it should not: " + refused.what());
  } catch (const std::overflow_error& overflow) {
    throw base::Unavailable(std::string(peer) + " answered more than can be: " + overflow.what());
  }
}

http::ClientOptions options_of(const std::string& url) {
  http::ClientOptions options;
  options.base_url = url;
  return options;
}

}  // namespace

NavClient::NavClient(const std::string& nav_url, std::function<std::string()> pricing_url, base::Secret token)
    : nav_(options_of(nav_url)),
      token_(token),
      pricing_(
          std::move(pricing_url), [token = std::move(token)] { return token; },
          http::ClientOptions().total_timeout) {}

json::Value NavClient::get(http::Client& client, const char* peer, std::string path, http::Parameters query) {
  http::ClientRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  http::set_bearer(request, token_);
  const http::Response response = client.send(request);
  http::throw_if_problem(response, request.method, peer);
  auto answer = json::parse(response.body);
  if (answer.has_error()) throw base::Unavailable(std::string(peer) + " answered what is no JSON");
  return *std::move(answer);
}

NavClient::Valuation NavClient::valuation(const model::FundId& fund, time::Date date) {
  const json::Value answer = get(
      nav_, "nav", "/v1/funds/" + http::percent_encode(fund.value()) + "/valuations/" + date.to_string(), {});
  Valuation valuation;
  understood("nav", [&] {
    json::ObjectReader reader(answer);
    if (reader.string("fund") != fund.value() || reader.date("date") != date)
      base::refuse("valuation", "is of another fund or day");
    valuation = {reader.instant("valued_at"), reader.string("act"), reader.string("official_basis")};
  });
  return valuation;
}

time::Instant NavClient::valued_at(const model::FundId& fund, time::Date date) {
  return valuation(fund, date).at;
}

FundBooks NavClient::books(const model::FundId& fund, time::Date date) {
  const std::string path = "/v1/funds/" + http::percent_encode(fund.value());
  const std::string day = date.to_string();
  const Valuation point = valuation(fund, date);
  FundBooks books;
  books.date = date;
  books.valued_at = point.at;
  const json::Value holdings = get(nav_, "nav", path + "/holdings", {{"basis", "settled"}, {"as_of", day}});
  understood("nav", [&] { books.positions = read_positions(holdings); });
  add_journal(fund, books);
  books.sha256 = crypto::sha256_hex(books_text(books));
  add_prices(books, point.act, point.basis);
  return books;
}

void NavClient::add_journal(const model::FundId& fund, FundBooks& books) {
  std::vector<BookedEntry> entries;
  read_journal_pages(nav_, token_, fund, {{"basis", "trade_date"}, {"as_of", books.date.to_string()}},
                     [&](const std::string& body) {
                       JournalAnswer read;
                       understood("nav",
                                  [&] { read = read_journal(base::value_or_refuse(json::parse(body))); });
                       for (BookedEntry& entry : read.entries) entries.push_back(std::move(entry));
                       return read.next_cursor.value_or("");
                     });
  sort_entries(std::move(entries), books.date, books);
}

void NavClient::add_prices(FundBooks& books, const std::string& act, const std::string& basis) {
  std::set<std::string> assets;
  for (const BookPosition& position : books.positions) assets.insert(position.asset);
  if (assets.empty()) return;
  http::Client* const pricing = pricing_.client();
  if (pricing == nullptr) throw base::Unavailable("pricing is neither served nor configured");
  for (const std::string& asset : assets) {
    http::ClientRequest request;
    request.path = "/v1/prices/" + http::percent_encode(asset) + "/" + books.date.to_string();
    request.query = {{"act", act}, {"basis", basis}};
    http::set_bearer(request, pricing_.token());
    const http::Response response = pricing->send(request);
    if (response.status == kNotFound) continue;
    http::throw_if_problem(response, request.method, "pricing");
    understood("pricing", [&] {
      const json::Value answer = base::value_or_refuse(json::parse(response.body));
      json::ObjectReader reader(answer);
      if (!reader.is_null("official")) books.prices[asset] = reader.decimal("official");
    });
  }
}

}  // namespace navkeeper::custody
