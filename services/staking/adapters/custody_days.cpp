#include "services/staking/adapters/custody_days.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kPeer = "custody";
constexpr int kNotFound = 404;
constexpr int kPagesMax = 1'000;
constexpr int kNumberMax = 1'000'000;

model::AssetId asset_in(json::ObjectReader& reader) {
  auto asset = model::AssetId::parse(reader.string("asset"));
  if (asset.has_error()) base::refuse(reader.path_of("asset"), asset.error().rule);
  return *std::move(asset);
}

std::string cursor_in(json::ObjectReader& reader) {
  return reader.is_null("next_cursor") ? "" : reader.string("next_cursor");
}

money::Decimal kept_state(json::ObjectReader& states, const char* name) {
  json::ObjectReader state = states.object(name);
  return state.is_null("kept") ? money::Decimal{} : state.decimal("kept");
}

std::string base_of(const model::FundId& fund) {
  return "/v1/custody/funds/" + http::percent_encode(fund.value());
}

std::optional<SentInstruction::Kind> kind_of(const std::string& word) {
  if (word == "stake") return SentInstruction::Kind::kStake;
  if (word == "unstake") return SentInstruction::Kind::kUnstake;
  if (word == "convert") return SentInstruction::Kind::kConvert;
  return std::nullopt;  // a withdrawal is custody's own to compare
}

bool is_on_its_way(const std::string& state) {
  return state == "sending" || state == "in_doubt" || state == "sent" || state == "confirmed";
}

}  // namespace

std::string add_kept(CustodyDay& day, const json::Value& page) {
  json::ObjectReader reader(page);
  for (const json::Place& place : reader.array("lines")) {
    json::ObjectReader line(place);
    const model::AssetId asset = asset_in(line);
    const auto known = std::find_if(day.kept.begin(), day.kept.end(),
                                    [&](const KeptCoins& one) { return one.asset == asset; });
    const bool is_first = known == day.kept.end();
    KeptCoins& kept = is_first ? day.kept.emplace_back() : *known;
    if (is_first) {
      kept.asset = asset;
      kept.kept = money::Decimal{};
    }
    const money::Decimal books = line.decimal("books");
    kept.books += books;
    if (line.is_null("difference"))
      kept.kept.reset();
    else if (kept.kept)
      *kept.kept += books + line.decimal("difference");
    json::ObjectReader states = line.object("states");
    kept.staked += kept_state(states, "staked");
    kept.activating += kept_state(states, "activating");
    kept.unbonding += kept_state(states, "unbonding");
  }
  return cursor_in(reader);
}

std::string add_kept_readings(CustodyDay& day, const json::Value& page) {
  json::ObjectReader reader(page);
  for (const json::Place& place : reader.array("balances")) {
    json::ObjectReader row(place);
    KeptReading reading;
    reading.source = row.string("source");
    reading.asset = asset_in(row);
    reading.as_of = row.instant("as_of");
    day.readings.push_back(std::move(reading));
  }
  return cursor_in(reader);
}

std::vector<SentInstruction> read_sent(const json::Value& movements, time::Instant at) {
  json::ObjectReader reader(movements);
  std::vector<SentInstruction> sent;
  for (const json::Place& place : reader.array("movements")) {
    json::ObjectReader movement(place);
    const auto kind = kind_of(movement.string("kind"));
    if (!kind) continue;
    SentInstruction one;
    one.id = movement.string("id");
    one.kind = *kind;
    one.custodian = movement.string("custodian");
    one.asset = asset_in(movement);
    one.amount = movement.decimal("amount");
    if (!one.amount.is_positive()) base::refuse(movement.path_of("amount"), "is not positive");
    // Its record's id is the same whenever it was learned.
    one.custodian_id = movement.string("custodian_id");
    std::optional<time::Instant> first;
    for (const json::Place& each : movement.array("events")) {
      json::ObjectReader event(each);
      const time::Instant when = event.instant("at");
      if (when > at) continue;
      one.state = event.string("state");
      if (one.state == "sending" && !first) first = when;
      if (one.state == "confirmed") one.confirmed_at = when;
    }
    if (!first || !is_on_its_way(one.state)) continue;
    one.sent_at = *first;
    sent.push_back(std::move(one));
  }
  return sent;
}

json::Value CustodyDaysClient::get(const std::string& path, http::Parameters query) {
  http::Client* const custody = peer_.client();
  if (custody == nullptr)
    throw base::Unavailable("no custody service is configured, which compares the fund's coins");
  http::ClientRequest request;
  request.path = path;
  request.query = std::move(query);
  http::set_bearer(request, peer_.token());
  const http::Response response = custody->send(request);
  if (response.status == kNotFound) base::refuse("date", "custody has not reconciled it");
  http::throw_if_problem(response, request.method, kPeer);
  auto answer = json::parse(response.body);
  if (answer.has_error()) throw base::Unavailable(std::string(kPeer) + " answered what is no JSON");
  return *std::move(answer);
}

CustodyDay CustodyDaysClient::day(const model::FundId& fund, const std::optional<time::Date>& date) {
  const std::string reconciliations = base_of(fund) + "/reconciliations";
  CustodyDay day;
  if (date) {
    day.date = *date;
  } else {
    const json::Value newest = get(reconciliations, {{"limit", "1"}});
    day.date = http::understood(kPeer, "what it should not", [&] {
      json::ObjectReader reader(newest);
      const auto days = reader.array("reconciliations");
      if (days.empty()) return time::Date();
      return json::ObjectReader(days.front()).date("date");
    });
    if (day.date == time::Date()) base::refuse(fund.value(), "custody has reconciled no day of it yet");
  }
  const std::string path = reconciliations + "/" + day.date.to_string();
  // Pages that follow one another are of one reconciliation; the balances' are asked for by its number.
  const auto pages = [&](const std::string& of, std::string cursor,
                         std::string (*add)(CustodyDay&, const json::Value&), bool is_head) {
    for (int page = 0; page < kPagesMax; ++page) {
      http::Parameters query{{"limit", "1000"}};
      if (!cursor.empty()) query.emplace_back("cursor", cursor);
      const json::Value answer = get(of, std::move(query));
      cursor = http::understood(kPeer, "what it should not", [&] {
        json::ObjectReader reader(answer);
        const auto number = static_cast<int>(reader.integer("number", 1, kNumberMax));
        if (is_head && page == 0) {
          day.number = number;
          day.at = reader.instant("at");
        }
        if (number != day.number) base::refuse("number", "is another reconciliation's");
        return add(day, answer);
      });
      if (cursor.empty()) return;
    }
    throw base::Unavailable(std::string(kPeer) + " gives page after page");
  };
  pages(path, "", add_kept, true);
  pages(path + "/balances", "", add_kept_readings, false);
  const json::Value movements = get(base_of(fund) + "/movements", {});
  day.sent = http::understood(kPeer, "what it should not", [&] { return read_sent(movements, day.at); });
  return day;
}

}  // namespace navkeeper::staking
