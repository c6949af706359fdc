#include "services/custody/adapters/chains/chain_json.h"

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/write.h"
#include "common/runtime/table.h"

namespace navkeeper::custody {
namespace {

using json::Writer;

struct State {
  const char* name;
  std::optional<money::Decimal> Balance::*amount;
};
constexpr State kStates[] = {
    {"total", &Balance::total},         {"available", &Balance::available},
    {"staked", &Balance::staked},       {"activating", &Balance::activating},
    {"unbonding", &Balance::unbonding}, {"reserved", &Balance::reserved},
    {"claimable", &Balance::claimable}, {"rewards_pending", &Balance::rewards_pending}};

void write_balances(Writer& writer, const ChainReading& reading) {
  writer.key("balances").begin_array();
  for (const Balance& balance : reading.balances) {
    writer.begin_object().member("asset", balance.asset.value()).member("decimals", balance.scale);
    for (const State& state : kStates) {
      if (balance.*state.amount) writer.member(state.name, *(balance.*state.amount));
    }
    writer.key("unbonding_entries").begin_array();
    for (const UnbondingEntry& entry : balance.unbonding_entries) {
      writer.begin_object().member("amount", entry.amount);
      if (entry.completes_at) writer.member("completes_at", entry.completes_at->to_string());
      writer.end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

void write_parts(Writer& writer, const ChainReading& reading) {
  writer.key("parts").begin_array();
  for (const ReadingPart& part : reading.parts) {
    writer.begin_object().member("kind", part.kind).member("id", part.id);
    if (!part.state.empty()) writer.member("state", part.state);
    writer.member("asset", part.asset.value())
        .member("amount", part.amount)
        .member("in_total", part.in_total);
    if (!part.remark.empty()) writer.member("remark", part.remark);
    writer.end_object();
  }
  writer.end_array();
}

void write_texts(Writer& writer, const char* name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

void write_answers(Writer& writer, const ChainReading& reading) {
  writer.key("answers").begin_array();
  for (const model::NodeAnswer& answer : reading.raw)
    writer.begin_object()
        .member("request", answer.request)
        .member("bytes", static_cast<std::int64_t>(answer.body.size()))
        .member("sha256", crypto::sha256_hex(answer.body))
        .end_object();
  writer.end_array();
}

void write_outcome(Writer& writer, const SourceOutcome& outcome, bool with_answers) {
  writer.begin_object().member("source", outcome.source).member("answered", outcome.reading.has_value());
  if (!outcome.reading) {
    writer.member("failure", outcome.failure).end_object();
    return;
  }
  const ChainReading& reading = *outcome.reading;
  writer.member("shown_by", describe(reading.shown));
  writer.key("block")
      .begin_object()
      .member("height", std::to_string(reading.block.height))
      .member("hash", reading.block.hash);
  if (reading.block_time) writer.member("time", reading.block_time->to_string());
  writer.end_object();
  write_balances(writer, reading);
  if (reading.unconfirmed_in) writer.member("unconfirmed_in", *reading.unconfirmed_in);
  if (reading.unconfirmed_out) writer.member("unconfirmed_out", *reading.unconfirmed_out);
  write_texts(writer, "doubts", reading.doubts);
  write_parts(writer, reading);
  if (with_answers) write_answers(writer, reading);
  writer.member("raw_sha256", base::to_hex(raw_sha256(reading.raw))).end_object();
}

std::string document(const ChainAnswer& answer, bool with_answers) {
  Writer writer;
  writer.begin_object()
      .member("chain", describe(answer.question.chain))
      .member("address", answer.question.address);
  writer.member("certainty", describe(answer.agreement.certainty));
  write_texts(writer, "reasons", answer.agreement.reasons);
  if (answer.height) writer.member("height", std::to_string(*answer.height));
  if (answer.agreement.shown) writer.member("shown_source", answer.outcomes[*answer.agreement.shown].source);
  writer.key("sources").begin_array();
  for (const SourceOutcome& outcome : answer.outcomes) write_outcome(writer, outcome, with_answers);
  return writer.end_array().end_object().take();
}

}  // namespace

std::string to_json(const ChainAnswer& answer) { return document(answer, false); }

std::string evidence_json(const ChainAnswer& answer) {
  return json::to_canonical(base::value_or_refuse(json::parse(document(answer, true))));
}

std::string to_text(const ChainAnswer& answer) {
  std::string text = std::string(describe(answer.agreement.certainty)) + ": " + answer.question.address +
                     " on " + std::string(describe(answer.question.chain));
  if (answer.height) text += " at block " + std::to_string(*answer.height);
  text += '\n';
  for (const std::string& reason : answer.agreement.reasons) text += "  " + reason + '\n';
  if (!answer.agreement.shown) return text;
  const SourceOutcome& outcome = answer.outcomes[*answer.agreement.shown];
  const ChainReading& reading = *outcome.reading;
  text += "\nas " + outcome.source + " says, block " + reading.block.hash;
  if (reading.block_time) text += " of " + reading.block_time->to_string();
  text += '\n';
  runtime::Table balances({{"asset"}, {"state"}, {"amount", runtime::Align::kRight}});
  for (const Balance& balance : reading.balances) {
    for (const State& state : kStates) {
      if (balance.*state.amount)
        balances.row({balance.asset.value(), state.name, (balance.*state.amount)->to_string()});
    }
  }
  if (reading.unconfirmed_in) balances.row({"", "unconfirmed, in", reading.unconfirmed_in->to_string()});
  if (reading.unconfirmed_out) balances.row({"", "unconfirmed, out", reading.unconfirmed_out->to_string()});
  text += balances.to_string();
  if (reading.parts.empty()) return text;
  runtime::Table parts({{"part"}, {"id"}, {"state"}, {"amount", runtime::Align::kRight}, {"remark"}});
  for (const ReadingPart& part : reading.parts)
    parts.row({part.kind, part.id, part.state,
               (part.in_total ? "" : "(") + part.amount.to_string() + (part.in_total ? "" : ")"),
               part.remark});
  return text + "\n" + parts.to_string() + "(in brackets: not part of the total)\n";
}

}  // namespace navkeeper::custody
