#include "services/nav/adapters/fund_fact_json.h"

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_events.h"
#include "services/nav/adapters/event_lines.h"
#include "services/nav/adapters/late_json.h"

namespace navkeeper::nav {

using json::ObjectReader;
using money::Decimal;

namespace {

constexpr std::size_t kIdLengthMax = 200;
constexpr std::size_t kContentShownMax = 72;

std::string asset(ObjectReader& reader, const char* key) {
  const auto id = model::AssetId::parse(reader.string(key));
  if (id.has_error()) base::refuse(reader.path_of(key), id.error().rule);
  return id->value();
}

ExpenseIncurred read_incurred(ObjectReader& reader) {
  ExpenseIncurred expense;
  const auto type = policy::parse_expense_type(reader.string("type"));
  if (!type) base::refuse(reader.path_of("type"), "is no type of expense");
  expense.type = *type;
  expense.name = reader.string("name");
  if (reader.has("amount") == reader.has("asset"))
    base::refuse(reader.path_of("amount"), "takes either an amount, or asset, quantity and price");
  if (reader.has("amount")) {
    expense.amount = reader.decimal("amount");
  } else {
    expense.coins.emplace();
    expense.coins->asset = asset(reader, "asset");
    expense.coins->quantity = reader.decimal("quantity");
    expense.coins->price = reader.decimal("price");
  }
  expense.is_charged_to_fund = reader.optional_boolean("charged_to_fund").value_or(true);
  return expense;
}

ExpensePaid read_paid(ObjectReader& reader) {
  ExpensePaid paid;
  paid.name = reader.string("name");
  paid.payee = reader.optional_string("payee").value_or("");
  paid.amount = reader.decimal("amount");
  return paid;
}

ExpensePaidInCoins read_paid_in_coins(ObjectReader& reader) {
  ExpensePaidInCoins paid;
  paid.name = reader.string("name");
  paid.payee = reader.optional_string("payee").value_or("");
  paid.asset = asset(reader, "asset");
  paid.quantity = reader.decimal("quantity");
  paid.price = reader.decimal("price");
  return paid;
}

policy::RewardEvent read_reward(ObjectReader& reader, time::Date date) {
  policy::RewardEvent event;
  event.reward_id = reader.string("reward");
  if (event.reward_id.empty() || event.reward_id.size() > kIdLengthMax)
    base::refuse(reader.path_of("reward"), "must have 1 to 200 bytes");
  event.type = reader.string("type");
  event.asset = asset(reader, "asset");
  const auto stage = policy::parse_reward_stage(reader.string("stage"));
  if (!stage) base::refuse(reader.path_of("stage"), "is not one of PROTOCOL_CREDIT, CLAIMABLE, RECEIVED");
  event.stage = *stage;
  event.date = date;
  event.gross = reader.decimal("gross");
  event.provider_cut = reader.decimal("provider_cut");
  event.price = reader.decimal("price");
  event.place = read_place(reader, "place", "state");
  return event;
}

policy::Accretion read_rate(ObjectReader& reader, time::Date date) {
  policy::Accretion accretion;
  accretion.token = asset(reader, "token");
  accretion.date = date;
  accretion.rate_before = reader.decimal("rate_before");
  accretion.rate_after = reader.decimal("rate_after");
  accretion.coin_price = reader.decimal("coin_price");
  return accretion;
}

policy::LiquidStakingSwap read_swap(ObjectReader& reader, const std::string& id, time::Date date) {
  policy::LiquidStakingSwap swap;
  swap.source_id = id;
  swap.date = date;
  swap.coin = asset(reader, "coin");
  swap.coins_in = reader.decimal("coins_in");
  swap.coin_price = reader.decimal("coin_price");
  swap.token = asset(reader, "token");
  swap.tokens_out = reader.decimal("tokens_out");
  return swap;
}

CoinsMoved read_moved(ObjectReader& reader) {
  CoinsMoved moved;
  moved.move.asset = asset(reader, "asset");
  moved.move.quantity = reader.decimal("quantity");
  moved.move.from = read_place(reader, "from", "from_state");
  moved.move.to = read_place(reader, "to", "to_state");
  return moved;
}

void read_what(ObjectReader& reader, FundFact& fact) {
  const std::string kind = reader.string("fact");
  if (kind == "expense_incurred") {
    fact.what = read_incurred(reader);
  } else if (kind == "expense_paid") {
    fact.what = read_paid(reader);
  } else if (kind == "expense_paid_in_coins") {
    fact.what = read_paid_in_coins(reader);
  } else if (kind == "adviser_paid") {
    fact.what = AdviserPaid{reader.decimal("amount")};
  } else if (kind == "fee_returned") {
    ExpensePaid paid = read_paid(reader);
    fact.what = FeeReturned{std::move(paid.name), std::move(paid.payee), std::move(paid.amount)};
  } else if (kind == "reward") {
    fact.what = read_reward(reader, fact.date);
  } else if (kind == "penalty") {
    std::string coin = asset(reader, "asset");
    money::Decimal quantity = reader.decimal("quantity");
    fact.what = PenaltySuffered{std::move(coin), std::move(quantity), read_place(reader, "place", "state")};
  } else if (kind == "token_rate") {
    fact.what = read_rate(reader, fact.date);
  } else if (kind == "token_swap") {
    fact.what = read_swap(reader, fact.id, fact.date);
  } else if (kind == "transfer") {
    fact.what = read_moved(reader);
  } else {
    base::refuse(reader.path_of("fact"),
                 "is not one of expense_incurred, expense_paid, expense_paid_in_coins, adviser_paid, "
                 "fee_returned, reward, penalty, token_rate, token_swap, transfer");
  }
}

}  // namespace

FundFact read_fact(const json::Value& value) {
  ObjectReader reader(value);
  FundFact fact;
  fact.id = reader.string("id");
  if (fact.id.empty() || fact.id.size() > kIdLengthMax) base::refuse("id", "must have 1 to 200 bytes");
  fact.date = reader.date("date");
  read_what(reader, fact);
  reader.finish();
  fact.content = json::to_canonical(value);
  return fact;
}

std::vector<FundFact> read_facts_file(const std::string& path) {
  EventLines lines(path);
  std::vector<FundFact> facts;
  std::string_view line;
  while (lines.next(line)) {
    if (facts.size() == kFactsPerRequestMax)
      base::refuse(lines.place(),
                   "a file may hold at most " + std::to_string(kFactsPerRequestMax) + " facts");
    auto fact = base::checked([&] { return read_fact(base::value_or_refuse(json::parse(line))); });
    if (fact.has_error()) throw base::Refused(fact.error().within(lines.place()));
    fact->place = lines.place();
    facts.push_back(*std::move(fact));
  }
  if (facts.empty()) base::refuse(path, "has no facts");
  return facts;
}

std::vector<FundFact> read_facts_body(std::string_view text) {
  const json::Value value = base::value_or_refuse(json::parse(text));
  ObjectReader reader(value);
  std::vector<FundFact> facts;
  for (const json::Place& place : reader.array("facts")) {
    if (facts.size() == kFactsPerRequestMax) base::refuse("facts", "are too many for one request");
    auto fact = base::checked([&] { return read_fact(place.value); });
    if (fact.has_error()) throw base::Refused(fact.error().within(place.path));
    fact->place = place.path;
    facts.push_back(*std::move(fact));
  }
  reader.finish();
  return facts;
}

std::string fact_content(const FundFact& fact) {
  json::Writer writer;
  writer.begin_object()
      .member("id", fact.id)
      .member("date", fact.date.to_string())
      .member("fact", fact.kind());
  const auto place = [&](const char* key, const char* state, const books::Place& where) {
    if (!where.account.empty()) writer.member(key, where.account);
    if (where.state != books::CoinState::kAvailable) writer.member(state, books::describe(where.state));
  };
  if (const auto* reward = std::get_if<policy::RewardEvent>(&fact.what)) {
    writer.member("reward", reward->reward_id)
        .member("type", reward->type)
        .member("asset", reward->asset)
        .member("stage", policy::describe(reward->stage))
        .member("gross", reward->gross)
        .member("provider_cut", reward->provider_cut)
        .member("price", reward->price);
    place("place", "state", reward->place);
  } else if (const auto* penalty = std::get_if<PenaltySuffered>(&fact.what)) {
    writer.member("asset", penalty->asset).member("quantity", penalty->quantity);
    place("place", "state", penalty->place);
  } else if (const auto* moved = std::get_if<CoinsMoved>(&fact.what)) {
    writer.member("asset", moved->move.asset).member("quantity", moved->move.quantity);
    place("from", "from_state", moved->move.from);
    place("to", "to_state", moved->move.to);
  } else if (const auto* swap = std::get_if<policy::LiquidStakingSwap>(&fact.what)) {
    writer.member("coin", swap->coin)
        .member("coins_in", swap->coins_in)
        .member("coin_price", swap->coin_price)
        .member("token", swap->token)
        .member("tokens_out", swap->tokens_out);
  } else {
    const auto* gas = std::get_if<ExpenseIncurred>(&fact.what);
    ENSURE(gas != nullptr && gas->coins);
    writer.member("type", policy::describe(gas->type))
        .member("name", gas->name)
        .member("asset", gas->coins->asset)
        .member("quantity", gas->coins->quantity)
        .member("price", gas->coins->price);
  }
  writer.end_object();
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

std::string facts_json(const model::FundId& fund, const std::vector<RecordedFact>& facts) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("facts").begin_array();
  for (const RecordedFact& fact : facts)
    writer.begin_object()
        .member("id", fact.id)
        .member("kind", fact.kind)
        .member("date", fact.date.to_string())
        .member("recorded_by", fact.recorded_by)
        .member("known_at", fact.known_at.to_string())
        .member("content", base::value_or_refuse(json::parse(fact.content)))
        .end_object();
  writer.end_array().end_object();
  return writer.take();
}

std::string facts_table(const std::vector<RecordedFact>& facts) {
  runtime::Table table({{"date"}, {"kind"}, {"id"}, {"recorded by"}, {"known at"}, {"content"}});
  for (const RecordedFact& fact : facts)
    table.row({fact.date.to_string(), fact.kind, fact.id, fact.recorded_by, fact.known_at.to_string(),
               fact.content.size() <= kContentShownMax ? fact.content
                                                       : fact.content.substr(0, kContentShownMax) + "..."});
  if (table.rows() == 0) return "No fact was recorded by then.\n";
  return table.to_string();
}

std::string fact_report_json(const model::FundId& fund, const FactReport& report) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value());
  write_late(writer, report.lateness);
  writer.member("recorded", static_cast<std::int64_t>(report.recorded))
      .member("unchanged", static_cast<std::int64_t>(report.unchanged))
      .end_object();
  return writer.take();
}

}  // namespace navkeeper::nav
