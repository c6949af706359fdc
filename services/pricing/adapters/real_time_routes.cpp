#include "services/pricing/adapters/real_time_routes.h"

#include <algorithm>
#include <memory>

#include "common/base/refuse.h"
#include "common/http/channel.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/write.h"
#include "common/money/rational.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/real_time_board.h"
#include "services/pricing/adapters/real_time_store.h"

namespace navkeeper::pricing {
namespace {

using http::Request;
using http::Response;

constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::int64_t kAheadNsMax = 1'000'000'000;  ///< a second may be a moment ahead of another clock

StoredRealTimeFile require_file(SqlRealTimeStore& store, const std::string& index) {
  auto file = store.newest_file(index);
  if (!file) throw http::ProblemError(http::not_found("real-time index " + index + " is not known"));
  return *std::move(file);
}

/// From this process where it makes the index, else from what another one stored.
std::optional<ShownSecond> newest_of(SqlRealTimeStore& store, const RealTimeBoard* board,
                                     const StoredRealTimeFile& file, bool with_value) {
  const std::string& index = file.file.id.value();
  if (board != nullptr) {
    if (auto second = with_value ? board->newest_value(index) : board->newest(index)) return second;
  }
  const auto record = store.last(index, with_value);
  if (!record) return std::nullopt;
  const auto then = record->file_version == file.version ? file : store.file(index, record->file_version);
  return shown(*record, *then);
}

/// What venues that are no part of the index quote, and how far their mids are from its newest value.
void write_quotes(json::Writer& writer, const std::vector<ShownQuote>& quotes,
                  const std::optional<ShownSecond>& value, time::Instant now) {
  writer.key("quotes").begin_array();
  for (const ShownQuote& quote : quotes) {
    writer.begin_object().member("venue", std::string_view(quote.venue));
    writer.member("bid", quote.bid).member("ask", quote.ask);
    writer.member("at", std::string_view(quote.at.to_string()));
    writer.member("age_ms", std::max<std::int64_t>((now.ns() - quote.received_at.ns()) / kMillisecondNs, 0))
        .key("deviation");
    if (value) {
      const money::Rational index(money::Decimal::literal(*value->value));
      const auto mid = (money::Rational(quote.bid) + money::Rational(quote.ask)) / money::Rational::of(2);
      writer.string(((mid - index).abs() / index).to_quotient_string());
    } else {
      writer.null();
    }
    writer.end_object();
  }
  writer.end_array();
}

std::string live_json(const StoredRealTimeFile& file, const std::optional<ShownSecond>& newest,
                      const std::optional<ShownSecond>& value, const std::vector<ShownQuote>& quotes,
                      time::Instant now) {
  json::Writer writer;
  writer.begin_object().member("index", std::string_view(file.file.id.value()));
  writer.member("pair", std::string_view(file.file.pair.value()));
  writer.key("value");
  if (value) {
    writer.string(*value->value);
  } else {
    writer.null();
  }
  writer.key("at");
  if (value) {
    writer.string(value->at.to_string());
  } else {
    writer.null();
  }
  writer.key("age_ms");
  if (value) {
    writer.integer(std::max<std::int64_t>((now.ns() - value->at.ns()) / kMillisecondNs, 0));
  } else {
    writer.null();
  }
  writer.key("reason");
  if (!newest) {
    writer.string("no second of this index was ever made");
  } else if (!newest->value) {
    writer.string(newest->reason);
  } else if (newest->at.ns() - now.ns() > kAheadNsMax) {
    writer.string("the clock went back: it is before the newest stored second, " + newest->at.to_string());
  } else {
    writer.null();
  }
  write_quotes(writer, quotes, value, now);
  writer.key("second");
  if (newest) {
    writer.begin_object();
    write_second(writer, *newest);
    writer.end_object();
  } else {
    writer.null();
  }
  return writer.end_object().take();
}

/// What GET live answers.
Response live(SqlRealTimeStore& store, const RealTimeBoard* board, const time::Clock& clock,
              const Request& request) {
  request.refuse_unknown_query({});
  const StoredRealTimeFile file = require_file(store, request.parameter("index"));
  const auto newest = newest_of(store, board, file, false);
  const auto value = newest && newest->value ? newest : newest_of(store, board, file, true);
  const auto quotes = board == nullptr ? std::vector<ShownQuote>() : board->quotes(file.file.pair.value());
  return Response::json(live_json(file, newest, value, quotes, clock.now()));
}

Response stream(SqlRealTimeStore& store, RealTimeBoard* board, const Request& request) {
  request.refuse_unknown_query({});
  const StoredRealTimeFile file = require_file(store, request.parameter("index"));
  if (board == nullptr) throw base::Unavailable("this process makes no real-time index");
  Response response;
  if (const auto newest = board->newest(file.file.id.value())) {
    json::Writer writer;
    writer.begin_object();
    write_second(writer, *newest);
    response.body = writer.end_object().take();
  }
  response.channel = board->channel(file.file.id.value());
  return response;
}

Response seconds(SqlRealTimeStore& store, const Request& request) {
  request.refuse_unknown_query({"from", "to", "cursor", "limit", "as_of", "known_at"});
  StoredRealTimeFile file = require_file(store, request.parameter("index"));
  const auto from = http::query_instant(request, "from").value_or(time::Instant::earliest());
  const auto after = http::query_instant(request, "cursor").value_or(time::Instant::earliest());
  // Nothing about a second is learned later than itself: as_of and to bound the same.
  const auto to =
      std::min(http::query_instant_or_latest(request, "to"), http::query_instant_or_latest(request, "as_of"));
  const auto known_at = http::query_instant_or_latest(request, "known_at");
  const int limit = static_cast<int>(http::query_page_limit(request));
  const auto begin =
      after == time::Instant::earliest() ? from : std::max(from, time::Instant::from_ns(after.ns() + 1));
  const auto records = store.records(file.file.id.value(), begin, to, limit + 1);
  const std::size_t count = std::min(records.size(), static_cast<std::size_t>(limit));
  json::Writer writer;
  writer.begin_object().key("seconds").begin_array();
  for (std::size_t i = 0; i < count; ++i) {
    const RealTimeRecord& record = records[i];
    if (record.known_at > known_at) continue;
    if (record.file_version != file.version) file = *store.file(record.index, record.file_version);
    writer.begin_object();
    write_second(writer, shown(record, file));
    writer.member("known_at", std::string_view(record.known_at.to_string())).end_object();
  }
  writer.end_array().key("next_cursor");
  if (records.size() > count) {
    writer.string(records[count - 1].at.to_string());
  } else {
    writer.null();
  }
  return Response::json(writer.end_object().take());
}

}  // namespace

void register_real_time_routes(http::Router& router, const Dependencies& dependencies) {
  const auto store = std::make_shared<SqlRealTimeStore>(*dependencies.pool);
  RealTimeBoard* const board = dependencies.board;
  const time::Clock* const clock = dependencies.clock;
  router.get("/v1/rates/{index}/live", [store, board, clock](const Request& request) {
    static const time::SystemClock kSystemClock;
    return live(*store, board, clock != nullptr ? *clock : kSystemClock, request);
  });
  router.get("/v1/rates/{index}/stream",
             [store, board](const Request& request) { return stream(*store, board, request); });
  router.get("/v1/rates/{index}/seconds",
             [store](const Request& request) { return seconds(*store, request); });
}

}  // namespace navkeeper::pricing
