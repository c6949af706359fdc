#include "services/staking/adapters/liquidity_json.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/staking/adapters/fund_facts_json.h"

namespace navkeeper::staking {
namespace {

using json::ObjectReader;
using json::Place;
using json::Writer;
using liquidity::kHorizonDays;
using runtime::Align;
using runtime::Table;

constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr int kPercentDecimals = 4;

std::int64_t seconds_of(time::Duration duration) { return duration.ns() / kNsASecond; }

void write_terms(Writer& writer, const FundTerms& terms) {
  const liquidity::LiquidityPolicy& policy = terms.policy;
  writer.begin_object()
      .member("illiquid_max", policy.illiquid_max)
      .member("readily_min", policy.readily_min)
      .member("sale_days", policy.sale_days)
      .member("sale_loss_max", policy.sale_loss_max)
      .member("returning_counts", policy.returning_counts)
      .member("written_policy", policy.written_policy)
      .member("sale_settlement_seconds", seconds_of(terms.sale_settlement))
      .key("token_sale_loss")
      .begin_object();
  for (const auto& [asset, loss] : terms.token_sale_loss) writer.member(asset, loss);
  writer.end_object().key("custodian_notice_seconds").begin_object();
  for (const auto& [source, notice] : terms.custodian_notice) writer.member(source, seconds_of(notice));
  writer.end_object().end_object();
}

FundTerms read_terms(ObjectReader reader) {
  FundTerms terms;
  terms.policy.illiquid_max = reader.decimal("illiquid_max");
  terms.policy.readily_min = reader.decimal("readily_min");
  terms.policy.sale_days = static_cast<int>(reader.integer("sale_days"));
  terms.policy.sale_loss_max = reader.decimal("sale_loss_max");
  terms.policy.returning_counts = reader.boolean("returning_counts");
  terms.policy.written_policy = reader.string("written_policy");
  terms.sale_settlement = time::Duration::seconds(reader.integer("sale_settlement_seconds"));
  const Place losses = reader.value("token_sale_loss");
  for (const json::Member& one : losses.value.as_object())
    terms.token_sale_loss.emplace(one.key, json::read_decimal({one.value, losses.path}));
  const Place notices = reader.value("custodian_notice_seconds");
  for (const json::Member& one : notices.value.as_object())
    terms.custodian_notice.emplace(
        one.key, time::Duration::seconds(json::read_integer({one.value, notices.path}, 0, INT64_MAX)));
  reader.finish();
  return terms;
}

void write_position(Writer& writer, const Position& one) {
  writer.begin_object()
      .member("chain", describe(one.key.chain))
      .member("source", one.key.source.value())
      .member("place", one.key.place)
      .member("asset", one.key.asset.value())
      .member("state", describe(one.state))
      .member("part", one.part)
      .member("amount", one.amount);
  if (one.due_at) writer.member("due_at", one.due_at->to_string());
  writer.end_object();
}

/// A word that one of the parse_ functions knows.
template <class Parse>
auto read_word(ObjectReader& reader, const char* key, Parse parse) {
  const auto word = parse(reader.string(key));
  if (!word) base::refuse(reader.path_of(key), "is not known");
  return *word;
}

Position read_position(const Place& place) {
  ObjectReader reader(place);
  Position one;
  one.key.chain = read_word(reader, "chain", parse_chain);
  one.key.source = reader.string("source");
  one.key.place = reader.string("place");
  one.key.asset = read_name<model::AssetId>(reader, "asset");
  one.state = read_word(reader, "state", parse_position_state);
  one.part = reader.string("part");
  one.amount = reader.decimal("amount");
  one.due_at = reader.optional_instant("due_at");
  reader.finish();
  return one;
}

void write_queue(Writer& writer, const QueueReading& one) {
  writer.begin_object()
      .member("chain", describe(one.chain))
      .member("source", one.source)
      .member("queue", one.name)
      .member("height", std::to_string(one.mark.height))
      .member("root", one.mark.root.value())
      .member("as_of", one.mark.at.to_string());
  if (one.wait_seconds) writer.member("wait_seconds", *one.wait_seconds);
  writer.key("figures").begin_object();
  for (const auto& [name, value] : one.figures) writer.member(name, value);
  writer.end_object().end_object();
}

QueueReading read_queue(const Place& place) {
  ObjectReader reader(place);
  QueueReading one;
  one.chain = read_word(reader, "chain", parse_chain);
  one.source = reader.string("source");
  one.name = reader.string("queue");
  one.mark = {std::stoull(reader.string("height")), reader.string("root"), reader.instant("as_of")};
  one.wait_seconds = reader.optional_integer("wait_seconds", 0);
  const Place figures = reader.value("figures");
  for (const json::Member& figure : figures.value.as_object())
    one.figures[figure.key] = json::read_string({figure.value, figures.path});
  reader.finish();
  return one;
}

/// "0.123456": a share of something.
std::string share_text(const money::Rational& share) { return share.to_quotient_string(); }

void write_test_members(Writer& writer, const liquidity::LiquidityTest& test) {
  writer.member("standing", liquidity::describe(test.standing))
      .member("net_assets", test.net_assets)
      .member("illiquid", test.illiquid)
      .member("illiquid_share", share_text(test.illiquid_share))
      .member("readily_share", share_text(test.readily_share))
      .key("available")
      .begin_object();
  for (std::size_t i = 0; i < kHorizonDays.size(); ++i)
    writer.member(std::to_string(kHorizonDays[i]), test.ladder.available[i]);
  writer.end_object()
      .member("later", test.ladder.later)
      .member("not_known", test.ladder.unknown)
      .member("assets", test.ladder.assets);
}

void write_test(Writer& writer, const liquidity::LiquidityTest& test) {
  writer.begin_object();
  write_test_members(writer, test);
  writer.end_object();
}

void write_picture(Writer& writer, const LiquidityPicture& picture, time::Instant as_of,
                   std::optional<bool> counts = {}) {
  writer.begin_object();
  if (counts) writer.member("counts", *counts);
  writer.member("regime", liquidity::describe(picture.policy.regime))
      .member("as_of", as_of.to_string())
      .key("test");
  write_test(writer, picture.test);
  writer.key("room");
  if (const auto room = liquidity::room_for_illiquid(picture.test, picture.policy))
    writer.string(share_text(*room));
  else
    writer.null();
  writer.key("holdings").begin_array();
  for (const liquidity::Holding& one : picture.holdings) {
    writer.begin_object()
        .member("kind", liquidity::describe(one.kind))
        .member("place", one.place)
        .member("asset", one.asset.value())
        .member("quantity", one.quantity)
        .member("value", one.value)
        .key("free_at");
    if (one.free_at)
      writer.string(one.free_at->to_string());
    else
      writer.null();
    writer.member("illiquid", liquidity::is_illiquid(one, picture.policy, as_of)).end_object();
  }
  writer.end_array().end_object();
}

void write_breaches(Writer& writer, const std::vector<StoredBreach>& breaches) {
  writer.key("breaches").begin_array();
  for (const StoredBreach& stored : breaches) {
    writer.begin_object().member("breach", stored.number).member("open", stored.breach.is_open());
    writer.key("missing").begin_array();
    for (const auto kind : stored.breach.missing()) writer.string(liquidity::describe(kind));
    writer.end_array().key("events").begin_array();
    for (const liquidity::BreachEvent& event : stored.breach.events)
      writer.begin_object()
          .member("kind", liquidity::describe(event.kind))
          .member("at", event.at.to_string())
          .member("text", event.text)
          .member("actor", event.actor)
          .end_object();
    writer.end_array().end_object();
  }
  writer.end_array();
}

std::string percent(const money::Rational& share) {
  return (share * money::Rational::of(100)).to_fixed(kPercentDecimals, money::Rounding::kHalfEven) + "%";
}

std::string canonical(Writer& writer) {
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

}  // namespace

std::string inputs_text(const LiquidityInputs& inputs) {
  Writer writer;
  writer.begin_object().key("facts");
  write_facts(writer, inputs.facts);
  writer.key("positions").begin_array();
  for (const Position& one : inputs.positions) write_position(writer, one);
  writer.end_array().key("queues").begin_array();
  for (const QueueReading& one : inputs.queues) write_queue(writer, one);
  writer.end_array().key("earned_since").begin_object();
  for (const auto& [asset, amount] : inputs.earned_since) writer.member(asset.value(), amount);
  writer.end_object().key("terms");
  write_terms(writer, inputs.terms);
  writer.member("now", inputs.now.to_string()).end_object();
  return canonical(writer);
}

LiquidityInputs read_inputs(const json::Value& value) {
  ObjectReader reader(value);
  LiquidityInputs inputs;
  inputs.facts = read_facts(reader.object("facts"));
  for (const Place& place : reader.array("positions")) inputs.positions.push_back(read_position(place));
  for (const Place& place : reader.array("queues")) inputs.queues.push_back(read_queue(place));
  const Place earned = reader.value("earned_since");
  for (const json::Member& one : earned.value.as_object())
    inputs.earned_since.emplace(model::AssetId::literal(one.key), json::read_decimal({one.value, one.key}));
  inputs.terms = read_terms(reader.object("terms"));
  inputs.now = reader.instant("now");
  reader.finish();
  return inputs;
}

std::string picture_text(const LiquidityPicture& picture, time::Instant as_of, bool counts) {
  Writer writer;
  write_picture(writer, picture, as_of, counts);
  return writer.take();
}

std::string acquisition_json(const liquidity::LiquidityTest& test, time::Instant read_at) {
  Writer writer;
  writer.begin_object();
  write_test_members(writer, test);
  return writer.member("read_at", read_at.to_string()).end_object().take();
}

std::string illiquid_json(const std::map<model::AssetId, IlliquidStakes>& stakes, time::Instant as_of,
                          int sale_days, const std::vector<StoredBreach>& breaches) {
  Writer writer;
  writer.begin_object()
      .member("as_of", as_of.to_string())
      .member("sale_days", sale_days)
      .key("assets")
      .begin_array();
  for (const auto& [asset, coins] : stakes)
    writer.begin_object()
        .member("asset", asset.value())
        .member("staked", coins.staked)
        .member("illiquid", coins.illiquid)
        .end_object();
  writer.end_array().key("breach");
  if (breaches.empty()) {
    writer.null();
  } else {
    const StoredBreach& last = breaches.back();
    writer.begin_object().member("breach", last.number).member("open", last.breach.is_open());
    writer.key("missing").begin_array();
    for (const auto kind : last.breach.missing()) writer.string(liquidity::describe(kind));
    writer.end_array().end_object();
  }
  return writer.end_object().take();
}

std::string breach_event_json(const StoredBreach& breach) {
  const liquidity::BreachEvent& event = breach.breach.events.back();
  Writer writer;
  writer.begin_object()
      .member("breach", breach.number)
      .member("kind", liquidity::describe(event.kind))
      .member("at", event.at.to_string())
      .end_object();
  return writer.take();
}

std::string liquidity_json(const std::optional<StoredTest>& test, const std::vector<StoredBreach>& breaches) {
  Writer writer;
  writer.begin_object().key("liquidity");
  if (test) {
    write_picture(writer, picture_of(test->inputs), test->inputs.now);
    writer.member("nav_date", test->inputs.facts.date.to_string())
        .member("inputs_hash", test->inputs_hash)
        .member("taken_by", test->taken_by)
        .member("known_at", test->known_at.to_string());
  } else {
    writer.null();
  }
  write_breaches(writer, breaches);
  return writer.end_object().take();
}

std::string liquidity_table(const std::optional<StoredTest>& test,
                            const std::vector<StoredBreach>& breaches) {
  if (!test)
    return "No liquidity test was taken yet: navkeeper staking liquidity FUND --take --as OPERATOR\n";
  const LiquidityPicture picture = picture_of(test->inputs);
  Table figures({{std::string(liquidity::describe(picture.policy.regime))}, {"", Align::kRight}});
  figures.row({"standing", std::string(liquidity::describe(picture.test.standing))})
      .row({"net assets", picture.test.net_assets.to_string()})
      .row({"illiquid", picture.test.illiquid.to_string()})
      .row({"illiquid of net assets", percent(picture.test.illiquid_share)})
      .row({"readily available of assets", percent(picture.test.readily_share)});
  for (std::size_t i = 0; i < kHorizonDays.size(); ++i)
    figures.row({"available in " + std::to_string(kHorizonDays[i]) + " days",
                 picture.test.ladder.available[i].to_string()});
  std::string text = "NAV of " + test->inputs.facts.date.to_string() + ", taken at " +
                     test->inputs.now.to_string() + " by " + test->taken_by + "\n" + figures.to_string();
  Table holdings({{"kind"},
                  {"place"},
                  {"quantity", Align::kRight},
                  {"asset"},
                  {"value", Align::kRight},
                  {"free at"},
                  {"illiquid"}});
  for (const liquidity::Holding& one : picture.holdings)
    holdings.row({std::string(liquidity::describe(one.kind)), one.place, one.quantity.to_string(),
                  one.asset.value(), one.value.to_string(),
                  one.free_at ? one.free_at->to_string() : "not known",
                  liquidity::is_illiquid(one, picture.policy, test->inputs.now) ? "yes" : "no"});
  text += "\n" + holdings.to_string();
  if (breaches.empty()) return text;
  Table events({{"breach", Align::kRight}, {"event"}, {"at"}, {"by"}, {"text"}});
  for (const StoredBreach& stored : breaches) {
    for (const liquidity::BreachEvent& event : stored.breach.events)
      events.row({std::to_string(stored.number), std::string(liquidity::describe(event.kind)),
                  event.at.to_string(), event.actor, event.text});
    for (const auto kind : stored.breach.missing())
      events.row({std::to_string(stored.number), std::string(liquidity::describe(kind)), "", "", "missing"});
  }
  return text + "\n" + events.to_string();
}

liquidity::Redemption redemption_of(const StoredTest& test, const money::Decimal& asked) {
  const LiquidityPicture picture = picture_of(test.inputs);
  auto redemption = liquidity::redeem(picture.holdings, picture.test.net_assets, asked, picture.policy,
                                      test.inputs.now, test.inputs.terms.sale_settlement);
  if (redemption.has_error())
    base::refuse("redemption", std::string(liquidity::describe(redemption.error())));
  return *std::move(redemption);
}

std::string redemption_json(const liquidity::Redemption& redemption) {
  Writer writer;
  writer.begin_object()
      .member("asked", redemption.asked)
      .member("covered", redemption.covered)
      .member("shortfall", redemption.shortfall)
      .key("paid_at");
  if (redemption.paid_at)
    writer.string(redemption.paid_at->to_string());
  else
    writer.null();
  writer.key("covered_by").begin_object();
  for (std::size_t i = 0; i < kHorizonDays.size(); ++i)
    writer.member(std::to_string(kHorizonDays[i]), redemption.covered_by[i]);
  writer.end_object()
      .member("sale_losses", redemption.sale_losses)
      .member("yield_given_up", redemption.yield_given_up)
      .key("steps")
      .begin_array();
  for (const liquidity::Step& step : redemption.steps)
    writer.begin_object()
        .member("act", liquidity::describe(step.act))
        .member("place", step.place)
        .member("asset", step.asset.value())
        .member("quantity", step.quantity)
        .member("proceeds", step.proceeds)
        .member("at", step.at.to_string())
        .end_object();
  writer.end_array().key("before");
  write_test(writer, redemption.before);
  writer.key("after");
  if (redemption.after)
    write_test(writer, *redemption.after);
  else
    writer.null();
  return writer.end_object().take();
}

std::string redemption_table(const liquidity::Redemption& redemption) {
  Table table(
      {{"act"}, {"place"}, {"quantity", Align::kRight}, {"asset"}, {"proceeds", Align::kRight}, {"at"}});
  for (const liquidity::Step& step : redemption.steps)
    table.row({std::string(liquidity::describe(step.act)), step.place, step.quantity.to_string(),
               step.asset.value(), step.proceeds.to_string(), step.at.to_string()});
  std::string text = table.to_string() + "\ncovered " + redemption.covered.to_string() + " of " +
                     redemption.asked.to_string();
  text += redemption.paid_at ? ", all of it at " + redemption.paid_at->to_string()
                             : ", short by " + redemption.shortfall.to_string();
  if (redemption.after)
    text += "; afterwards " + std::string(liquidity::describe(redemption.after->standing)) + ", illiquid " +
            percent(redemption.after->illiquid_share) + " of net assets";
  return text + "\n";
}

}  // namespace navkeeper::staking
