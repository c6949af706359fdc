#include "services/pricing/adapters/equity_routes.h"

#include <memory>

#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "services/pricing/adapters/equity_json.h"

namespace navkeeper::pricing {
namespace {

using http::Request;
using http::Response;

constexpr std::int64_t kAgeMaxSeconds = 300;
constexpr std::int64_t kDaysMax = 4'000;
constexpr std::size_t kSymbolsMax = 50;

SeriesChoice choice_in(const Request& request, const std::string& symbol) {
  SeriesChoice choice{symbol, "", std::nullopt, std::nullopt};
  if (const auto* const source = request.query_value("source")) choice.source = *source;
  if (const auto* const clock = request.query_value("clock"))
    choice.clock = base::value_or_refuse(parse_clock(*clock));
  if (const auto* const adjustment = request.query_value("adjustment")) {
    choice.adjustment = parse_adjustment(*adjustment);
    if (!choice.adjustment) base::refuse("adjustment", "must be none, splits or splits_and_dividends");
  }
  return choice;
}

SeriesRange range_in(const Request& request) {
  return {http::query_date(request, "from"), http::query_date(request, "to"),
          http::query_instant_or_latest(request, "as_of"),
          http::query_instant_or_latest(request, "known_at")};
}

void require_symbol(SqlEquityStore& store, const std::string& symbol, time::Instant known_at) {
  for (const SeriesSummary& summary : store.list(known_at)) {
    if (summary.symbol == symbol) return;
  }
  throw http::ProblemError(http::not_found("there are no closes of " + symbol));
}

Response list(SqlEquityStore& store, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  json::Writer writer;
  writer.begin_object().key("series").begin_array();
  for (const SeriesSummary& summary : store.list(http::query_instant_or_latest(request, "known_at")))
    write_summary(writer, summary);
  return Response::json(writer.end_array().end_object().take());
}

Response show(SqlEquityStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "clock", "adjustment", "from", "to", "as_of", "known_at"});
  const SeriesRange range = range_in(request);
  require_symbol(store, request.parameter("symbol"), range.known_at);
  json::Writer writer;
  writer.begin_object();
  write_series(writer, store.series(choice_in(request, request.parameter("symbol")), range));
  return Response::json(writer.end_object().take());
}

Response history(SqlEquityStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "clock", "adjustment", "from", "to", "as_of", "known_at"});
  const SeriesRange range = range_in(request);
  const std::string& symbol = request.parameter("symbol");
  require_symbol(store, symbol, range.known_at);
  json::Writer writer;
  writer.begin_object().member("symbol", std::string_view(symbol));
  write_history(writer, store.history(choice_in(request, symbol), range));
  return Response::json(writer.end_object().take());
}

Response aligned(SqlEquityStore& store, const Request& request) {
  request.refuse_unknown_query(
      {"symbols", "source", "clock", "adjustment", "from", "to", "as_of", "known_at"});
  const std::string* const list_text = request.query_value("symbols");
  if (list_text == nullptr || list_text->empty())
    base::refuse("symbols", "must name symbols with commas between");
  std::vector<std::string> symbols;
  for (std::size_t begin = 0; begin <= list_text->size();) {
    const std::size_t end = std::min(list_text->find(',', begin), list_text->size());
    symbols.push_back(list_text->substr(begin, end - begin));
    begin = end + 1;
  }
  if (symbols.size() > kSymbolsMax) base::refuse("symbols", "must be at most 50");
  std::vector<SeriesChoice> choices;
  for (const std::string& symbol : symbols) choices.push_back(choice_in(request, symbol));
  json::Writer writer;
  writer.begin_object();
  write_aligned(writer, symbols, store.aligned(choices, range_in(request)));
  return Response::json(writer.end_object().take());
}

Response actions(SqlEquityStore& store, const Request& request) {
  request.refuse_unknown_query({"known_at"});
  json::Writer writer;
  writer.begin_object().key("actions").begin_array();
  for (const StoredAction& stored : store.actions(http::query_instant_or_latest(request, "known_at")))
    write_action(writer, stored);
  return Response::json(writer.end_array().end_object().take());
}

Response coins(SqlEquityStore& store, const Request& request) {
  request.refuse_unknown_query({"pair", "from", "to", "venue", "known_at"});
  const std::string* const pair = request.query_value("pair");
  if (pair == nullptr || !model::PairId::parse(*pair)) base::refuse("pair", "must be BASE/QUOTE");
  const auto from = http::query_date(request, "from");
  const auto to = http::query_date(request, "to");
  if (!from || !to) base::refuse("from, to", "both are needed");
  if (*to - *from > kDaysMax) base::refuse("from, to", "must be at most 4000 days apart");
  const std::string* const venue = request.query_value("venue");
  json::Writer writer;
  writer.begin_object();
  write_coin_closes(writer, *pair,
                    store.coin_closes(*pair, venue == nullptr ? "" : *venue, *from, *to,
                                      time::Duration::seconds(kAgeMaxSeconds),
                                      http::query_instant_or_latest(request, "known_at")));
  return Response::json(writer.end_object().take());
}

}  // namespace

void register_equity_routes(http::Router& router, const Dependencies& dependencies) {
  const auto store = std::make_shared<SqlEquityStore>(*dependencies.pool);
  const auto add = [&](const char* pattern, Response (*answer)(SqlEquityStore&, const Request&)) {
    router.get(pattern, [store, answer](const Request& request) { return answer(*store, request); });
  };
  add("/v1/equities", list);
  add("/v1/equities/{symbol}", show);
  add("/v1/equities/{symbol}/history", history);
  add("/v1/aligned-closes", aligned);
  add("/v1/corporate-actions", actions);
  add("/v1/coin-closes", coins);
}

}  // namespace navkeeper::pricing
