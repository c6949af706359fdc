#include "services/pricing/adapters/price_json.h"

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/reader.h"
#include "common/runtime/table.h"

namespace navkeeper::pricing {
namespace {

void nullable(json::Writer& writer, std::string_view key, const std::optional<money::Decimal>& value) {
  writer.key(key);
  if (value) {
    writer.decimal(*value);
  } else {
    writer.null();
  }
}

void write_index(json::Writer& writer, std::string_view key, const IndexFact& fact) {
  writer.key(key).begin_object();
  if (fact.answer.has_error()) {
    writer.member("missing", std::string_view(fact.answer.error())).end_object();
    return;
  }
  writer.member("index", std::string_view(fact.answer->index.value()));
  writer.member("input_hash", std::string_view(fact.input_hash)).member("value", fact.answer->value);
  writer.member("version", std::int64_t{fact.answer->version}).end_object();
}

void write_market(json::Writer& writer, const NewPrice& price) {
  writer.key("principal_market").begin_object();
  if (const auto& market = price.policy.policy.market) {
    writer.member("pair", std::string_view(market->pair.value()))
        .member("reason", std::string_view(market->reason))
        .member("venue", std::string_view(market->venue.value()));
  }
  if (const auto& principal = price.price.principal) {
    writer.member("trade", std::string_view(principal->trade_id))
        .member("traded_at", std::string_view(principal->traded_at.to_string()))
        .member("value", principal->value);
  }
  writer.end_object();
}

void write_token(json::Writer& writer, const NewPrice& price) {
  const auto& token = price.policy.policy.token;
  if (!token) return;
  writer.key("liquid_staking").begin_object().member("coin", std::string_view(token->coin.value()));
  nullable(writer, "coin_price",
           price.facts.coin_price.has_value() ? std::optional(*price.facts.coin_price) : std::nullopt);
  if (const auto& rate = price.facts.exchange_rate) {
    writer.member("exchange_rate", rate->coins_per_token);
    writer.member("exchange_rate_as_of", std::string_view(rate->as_of.to_string()));
    writer.member("exchange_rate_source", std::string_view(rate->source));
  }
  if (const auto& value = price.price.token) {
    if (value->by_rate > money::Rational()) {
      writer.member("by_rate", std::string_view(value->by_rate.to_quotient_string()));
      writer.member("discounted", std::string_view(value->discounted.to_quotient_string()));
    }
    if (!value->unchecked_peg.empty())
      writer.member("peg_not_checked", std::string_view(value->unchecked_peg));
    writer.member("market_activity", std::string_view(value->activity.reason));
    writer.member("market_active", value->activity.active).member("rate_fell", value->rate_fell);
    if (value->peg_deviation)
      writer.member("peg_deviation", std::string_view(value->peg_deviation->to_quotient_string()));
  }
  writer.end_object();
}

void write_opened(json::Writer& writer, const std::optional<FairValueDetermination>& determination) {
  writer.key("determination");
  if (!determination) {
    writer.null();
    return;
  }
  writer.begin_object().member("for_board", determination->for_board).key("inputs");
  write_inputs(writer, determination->inputs);
  writer.member("reason", std::string_view(determination->reason))
      .member("trigger", describe(determination->trigger))
      .end_object();
}

void write_determination(json::Writer& writer, const FairValueDetermination& determination) {
  writer.begin_object().member("state", describe(determination.state));
  writer.member("trigger", describe(determination.trigger));
  writer.member("reason", std::string_view(determination.reason))
      .member("for_board", determination.for_board);
  writer.member("opened_at", std::string_view(determination.opened_at.to_string())).key("inputs");
  write_inputs(writer, determination.inputs);
  if (determination.price) {
    writer.member("number", determination.number);
    writer.member("price", *determination.price).member("method", std::string_view(determination.method));
    writer.member("determined_by", std::string_view(determination.determined_by->value()))
        .member("determined_at", std::string_view(determination.determined_at->to_string()));
  }
  if (determination.approved_by)
    writer.member("approved_by", std::string_view(determination.approved_by->value()))
        .member("approved_at", std::string_view(determination.approved_at->to_string()));
  writer.end_object();
}

std::string text_of(const std::optional<money::Decimal>& value) { return value ? value->to_string() : "-"; }

const json::Value& member(const json::Value& value, std::string_view key) {
  const json::Value* const found = value.find(key);
  ENSURE(found != nullptr);
  return *found;
}

std::string string_in(const json::Value& value, std::string_view key) {
  const json::Value* const found = value.find(key);
  return found == nullptr || found->kind() != json::Kind::kString ? "" : found->as_string();
}

}  // namespace

std::string to_document(const NewPrice& price) {
  const OfficialPrice& decided = price.price;
  json::Writer writer;
  writer.begin_object().member("document", "navkeeper.price.v1");
  writer.member("act", describe(price.key.track.act))
      .member("asset", std::string_view(price.key.asset.value()));
  writer.key("bases").begin_object();
  write_index(writer, "index", price.facts.index);
  write_market(writer, price);
  write_index(writer, "second_index", price.facts.second_index);
  writer.end_object().member("basis", describe(price.key.track.basis)).key("checks").begin_array();
  for (const PricingCheck& check : decided.checks)
    writer.begin_object()
        .member("check", describe(check.kind))
        .member("evidence", std::string_view(check.evidence))
        .member("measured", std::string_view(check.measured))
        .member("result", describe(check.result))
        .member("threshold", std::string_view(check.threshold))
        .end_object();
  writer.end_array().member("date", std::string_view(price.key.date.to_string()));
  write_opened(writer, decided.determination);
  writer.member("flagged", decided.outcome.flagged).key("log").begin_array();
  for (const RungRecord& record : decided.outcome.log)
    writer.begin_object()
        .member("reason", std::string_view(record.reason))
        .member("rung", describe(record.rung))
        .member("taken", record.taken)
        .end_object();
  writer.end_array();
  write_token(writer, price);
  writer.member("policy_hash", std::string_view(price.policy.hash_hex)).key("rung");
  if (decided.outcome.rung) {
    writer.string(describe(*decided.outcome.rung));
  } else {
    writer.null();
  }
  writer.member("stands", decided.stands)
      .member("valuation", std::string_view(price.facts.valuation.to_string()));
  nullable(writer, "value",
           decided.outcome.price ? std::optional(value_of(*decided.outcome.price)) : std::nullopt);
  const auto* const manual =
      decided.outcome.price ? std::get_if<ManualPrice>(&*decided.outcome.price) : nullptr;
  if (manual != nullptr) writer.member("manual_source", std::string_view(manual->source));
  return json::to_canonical(*json::parse(writer.end_object().take()));
}

std::optional<ExchangeRate> rate_in_document(const std::string& document) {
  const json::Value value = json::parse(document).value();
  const json::Value* const token = value.find("liquid_staking");
  if (token == nullptr || token->find("by_rate") == nullptr) return std::nullopt;
  return ExchangeRate{money::Decimal::literal(string_in(*token, "exchange_rate")),
                      time::Instant::literal(string_in(*token, "exchange_rate_as_of")),
                      string_in(*token, "exchange_rate_source")};
}

std::string_view state_of(const StoredPrice& price) {
  if (price.is_determined()) return "determined";
  if (price.stands) return "stands";
  return price.determination ? "waits" : "none";
}

std::string source_of(const StoredPrice& price) {
  if (price.is_determined()) return "fair-value determination: " + price.determination->method;
  const json::Value document = json::parse(price.document).value();
  const json::Value& bases = member(document, "bases");
  if (price.rung == "index") return "rate " + string_in(member(bases, "index"), "index");
  if (price.rung == "second_index")
    return "rate " + string_in(member(bases, "second_index"), "index") + ", the second index";
  if (price.rung == "principal_market") {
    const json::Value& market = member(bases, "principal_market");
    return string_in(market, "venue") + " " + string_in(market, "pair") + ", last trade at " +
           string_in(market, "traded_at");
  }
  if (price.rung == "manual") return "manual price from " + string_in(document, "manual_source");
  for (const json::Value& record : member(document, "log").as_array()) {
    if (string_in(record, "rung") == price.rung)
      return (price.rung == "previous" ? "" : "exchange rate: ") + string_in(record, "reason");
  }
  return "no price";
}

std::string official_hash_of(const StoredPrice& price) {
  if (!price.is_determined()) return price.input_hash_hex;
  json::Writer writer;
  writer.begin_object().member("input_hash", std::string_view(price.input_hash_hex)).key("inputs");
  write_inputs(writer, price.determination->inputs);
  writer.member("method", std::string_view(price.determination->method))
      .member("price", *price.determination->price);
  return crypto::sha256_hex(json::to_canonical(*json::parse(writer.end_object().take())));
}

void write_price(json::Writer& writer, const StoredPrice& price, bool evidence) {
  writer.begin_object().member("asset", std::string_view(price.key.asset.value()));
  writer.member("date", std::string_view(price.key.date.to_string()));
  writer.member("act", describe(price.key.track.act)).member("basis", describe(price.key.track.basis));
  writer.member("version", std::int64_t{price.version}).member("state", state_of(price));
  nullable(writer, "official", price.official());
  writer.member("official_source", std::string_view(source_of(price)));
  if (price.official()) {
    writer.member("official_hash", std::string_view(official_hash_of(price)))
        .member("official_since", std::string_view(price.official_since().to_string()));
  } else {
    writer.key("official_hash").null().key("official_since").null();
  }
  nullable(writer, "value", price.value);
  writer.key("rung");
  if (price.rung.empty()) {
    writer.null();
  } else {
    writer.string(price.rung);
  }
  writer.member("stands", price.stands)
      .member("valuation", std::string_view(price.valuation.to_string()))
      .member("input_hash", std::string_view(price.input_hash_hex))
      .member("known_at", std::string_view(price.known_at.to_string()))
      .member("actor", std::string_view(price.actor));
  writer.key("determination");
  if (price.determination) {
    write_determination(writer, *price.determination);
  } else {
    writer.null();
  }
  if (evidence) writer.member("document", *json::parse(price.document));
  writer.end_object();
}

void write_inputs(json::Writer& writer, const std::vector<DeterminationInput>& inputs) {
  writer.begin_array();
  for (const DeterminationInput& input : inputs)
    writer.begin_object()
        .member("name", std::string_view(input.name))
        .member("source", std::string_view(input.source))
        .member("value", std::string_view(input.value))
        .end_object();
  writer.end_array();
}

std::vector<DeterminationInput> inputs_from_json(const std::string& json) {
  const json::Value value = base::value_or_refuse(json::parse(json));
  std::vector<DeterminationInput> inputs;
  for (const json::Place& place : json::read_array({value, "inputs"})) {
    json::ObjectReader reader(place);
    DeterminationInput input;
    input.name = reader.string("name");
    input.source = reader.string("source");
    input.value = reader.string("value");
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::string prices_table(const std::vector<StoredPrice>& prices) {
  using runtime::Align;
  runtime::Table table({{"asset"},
                        {"date"},
                        {"for funds"},
                        {"official", Align::kRight},
                        {"state"},
                        {"rung"},
                        {"version", Align::kRight},
                        {"where it comes from"}});
  for (const StoredPrice& price : prices)
    table.row({price.key.asset.value(), price.key.date.to_string(), price.key.track.to_string(),
               text_of(price.official()), std::string(state_of(price)), price.rung.empty() ? "-" : price.rung,
               std::to_string(price.version), source_of(price)});
  return table.to_string();
}

std::string price_sheet(const StoredPrice& price) {
  const json::Value document = json::parse(price.document).value();
  std::string text = prices_table({price}) + "\n";
  runtime::Table log({{"rung"}, {"taken"}, {"reason"}});
  for (const json::Value& record : member(document, "log").as_array())
    log.row({string_in(record, "rung"), member(record, "taken").as_boolean() ? "yes" : "no",
             string_in(record, "reason")});
  text += log.to_string() + "\n";
  runtime::Table checks({{"check"}, {"result"}, {"measured"}, {"threshold"}, {"evidence"}});
  for (const json::Value& check : member(document, "checks").as_array())
    checks.row({string_in(check, "check"), string_in(check, "result"), string_in(check, "measured"),
                string_in(check, "threshold"), string_in(check, "evidence")});
  text += checks.to_string();
  if (const auto& determination = price.determination) {
    text += "\nFair-value determination, " + std::string(describe(determination->state)) + ": " +
            determination->reason + (determination->for_board ? " (for the board)" : "") + "\n";
    if (determination->price)
      text += "  " + std::to_string(determination->number) + ". " + determination->price->to_string() +
              " by " + determination->method + ", determined by " + determination->determined_by->value() +
              (determination->approved_by ? ", approved by " + determination->approved_by->value() : "") +
              "\n";
    runtime::Table inputs({{"input"}, {"value"}, {"source"}});
    for (const DeterminationInput& input : determination->inputs)
      inputs.row({input.name, input.value, input.source});
    text += inputs.to_string();
  }
  return text + "\nInputs SHA-256 " + price.input_hash_hex + "\n";
}

std::string exchange_rates_to_json(const model::AssetId& token,
                                   const std::vector<StoredExchangeRate>& rates) {
  json::Writer writer;
  writer.begin_object().member("token", std::string_view(token.value())).key("exchange_rates").begin_array();
  for (const StoredExchangeRate& rate : rates) {
    writer.begin_object()
        .member("as_of", std::string_view(rate.rate.as_of.to_string()))
        .member("coins_per_token", rate.rate.coins_per_token)
        .member("source", std::string_view(rate.rate.source))
        .member("entered_by", std::string_view(rate.actor))
        .key("approved_by");
    if (rate.approved_by.empty()) {
      writer.null();
    } else {
      writer.string(rate.approved_by);
    }
    writer.member("issuers_answer", !rate.answer.empty())
        .member("counts", rate.counts())
        .member("known_at", std::string_view(rate.known_at.to_string()))
        .end_object();
  }
  return writer.end_array().end_object().take();
}

}  // namespace navkeeper::pricing
