#include "services/nav/adapters/fund_act_json.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/late_json.h"

namespace navkeeper::nav {

using json::ObjectReader;
using json::Writer;
using money::Decimal;

namespace {

constexpr std::size_t kActBytesMax = std::size_t{1} << 16;
constexpr int kSharesMax = 1'000'000;
constexpr int kCoinDecimalsMax = 38;

policy::SourceSplit read_sources(ObjectReader reader) {
  policy::SourceSplit sources;
  const auto part = [&](const char* key) { return reader.optional_decimal(key).value_or(Decimal{}); };
  sources.income = part("income");
  sources.short_term_gain = part("short_term_gain");
  sources.long_term_gain = part("long_term_gain");
  sources.capital = part("capital");
  reader.finish();
  return sources;
}

policy::Declaration read_declaration(ObjectReader& reader, const std::string& id) {
  policy::Declaration declaration;
  declaration.id = id;
  declaration.dates = {reader.date("declared"), reader.date("ex"), reader.date("record"), reader.date("pay")};
  declaration.per_share = reader.decimal("per_share");
  if (auto sources = reader.optional_object("sources")) declaration.sources = read_sources(*sources);
  return declaration;
}

policy::ShareSplit read_split(ObjectReader& reader) {
  policy::ShareSplit split;
  split.effective = reader.date("effective");
  split.new_shares = static_cast<int>(reader.integer("new_shares", 1, kSharesMax));
  split.old_shares = static_cast<int>(reader.integer("old_shares", 1, kSharesMax));
  return split;
}

std::string coin(ObjectReader& reader, const char* key) {
  const auto id = model::AssetId::parse(reader.string(key));
  if (id.has_error()) base::refuse(reader.path_of(key), id.error().rule);
  return id->value();
}

int decimals(ObjectReader& reader, const char* key) {
  return static_cast<int>(reader.integer(key, 0, kCoinDecimalsMax));
}

ForkAct read_fork(ObjectReader& reader) {
  ForkAct fork;
  fork.coin = coin(reader, "coin");
  fork.new_coin = coin(reader, "new_coin");
  fork.new_decimals = decimals(reader, "new_decimals");
  fork.date = reader.date("date");
  fork.ratio = reader.decimal("ratio");
  if (reader.has("declared")) {
    const time::Date declared = reader.date("declared");
    fork.rights = policy::RightsDistribution{declared, reader.date("record")};
  }
  return fork;
}

policy::Migration read_migration(ObjectReader& reader, const std::string& id) {
  policy::Migration migration;
  migration.id = id;
  migration.date = reader.date("date");
  migration.old_token = coin(reader, "old_token");
  migration.new_token = coin(reader, "new_token");
  migration.new_decimals = decimals(reader, "new_decimals");
  migration.ratio = reader.decimal("ratio");
  return migration;
}

policy::SpinOff read_spin_off(ObjectReader& reader, const std::string& id) {
  policy::SpinOff spin_off;
  spin_off.id = id;
  spin_off.date = reader.date("date");
  spin_off.parent = coin(reader, "parent");
  spin_off.child = coin(reader, "child");
  spin_off.child_decimals = decimals(reader, "child_decimals");
  spin_off.received = reader.decimal("received");
  spin_off.parent_fair_value = reader.decimal("parent_fair_value");
  spin_off.child_fair_value = reader.decimal("child_fair_value");
  return spin_off;
}

void write_sources(Writer& writer, const char* key, const policy::SourceSplit& sources) {
  writer.key(key)
      .begin_object()
      .member("income", sources.income)
      .member("short_term_gain", sources.short_term_gain)
      .member("long_term_gain", sources.long_term_gain)
      .member("capital", sources.capital)
      .end_object();
}

void write_name(Writer& writer, const char* key, const std::optional<model::ActorId>& actor) {
  writer.key(key);
  if (actor) {
    writer.string(actor->value());
  } else {
    writer.null();
  }
}

void write_distribution(Writer& writer, const FundDefinition& fund, const StoredAct& act,
                        const policy::Declaration& declaration, const std::vector<StoredAct>& all) {
  const policy::Distribution distribution = distribution_after(fund, declaration, act.steps);
  write_sources(writer, "owed", distribution.owed);
  writer.member("owed_total", distribution.owed.total()).key("notice_19a1");
  if (const auto notice = notice_of(fund, act, all)) {
    writer.begin_object();
    write_sources(writer, "per_share", notice->per_share);
    write_sources(writer, "percent", notice->percent);
    write_sources(writer, "fiscal_year_per_share", notice->fiscal_year_per_share);
    write_sources(writer, "fiscal_year_percent", notice->fiscal_year_percent);
    writer.end_object();
  } else {
    writer.null();
  }
}

void write_steps(Writer& writer, const std::vector<ActStep>& steps) {
  for (const ActStep& step : steps) {
    writer.begin_object().member("step", step.step).member("date", step.date.to_string());
    if (step.shares) writer.member("shares", *step.shares);
    writer.member("memo", step.memo).end_object();
  }
}

void write_undo(Writer& writer, const StoredAct& act) {
  writer.key("undo");
  if (!act.undo) {
    writer.null();
    return;
  }
  writer.begin_object()
      .member("reason", act.undo->reason)
      .member("asked_by", act.undo->asked_by.value())
      .member("asked_at", act.undo->asked_at.to_string());
  write_name(writer, "approved_by", act.undo->approved_by);
  write_name(writer, "withdrawn_by", act.undo->withdrawn_by);
  writer.key("steps").begin_array();
  write_steps(writer, act.undone);
  writer.end_array().end_object();
}

void write_act(Writer& writer, const FundDefinition& fund, const StoredAct& act,
               const std::vector<StoredAct>& all) {
  writer.begin_object()
      .member("fund", fund.id.value())
      .member("id", act.act.id)
      .member("kind", act.act.kind())
      .member("state", act.state())
      .member("effective", act.act.effective().to_string())
      .member("proposed_by", act.proposed_by.value())
      .member("proposed_at", act.proposed_at.to_string());
  write_name(writer, "approved_by", act.approved_by);
  write_name(writer, "withdrawn_by", act.withdrawn_by);
  writer.member("terms", base::value_or_refuse(json::parse(act.content))).key("steps").begin_array();
  write_steps(writer, act.steps);
  writer.end_array();
  write_undo(writer, act);
  if (const auto* declaration = std::get_if<policy::Declaration>(&act.act.terms))
    write_distribution(writer, fund, act, *declaration, all);
  writer.end_object();
}

/// Six decimals, and more where a declaration of earlier days has them.
std::string per_share_text(const Decimal& amount) {
  return amount.to_fixed(std::max(amount.scale(), policy::kPerShareDecimals));
}

std::string terms_text(const FundAct& act) {
  if (const auto* declaration = std::get_if<policy::Declaration>(&act.terms))
    return declaration->per_share.to_string() + " a share, paid " + declaration->dates.pay.to_string();
  if (const auto* split = std::get_if<policy::ShareSplit>(&act.terms))
    return std::to_string(split->new_shares) + " for " + std::to_string(split->old_shares);
  if (const auto* fork = std::get_if<ForkAct>(&act.terms))
    return fork->new_coin + " for " + fork->coin + ", " + fork->ratio.to_string() + " for 1";
  if (const auto* migration = std::get_if<policy::Migration>(&act.terms))
    return migration->old_token + " to " + migration->new_token + ", " + migration->ratio.to_string() +
           " for 1";
  const auto& spin_off = std::get<policy::SpinOff>(act.terms);
  return spin_off.received.to_string() + " " + spin_off.child + " from " + spin_off.parent;
}

}  // namespace

NewAct read_act(const json::Value& value, std::optional<std::string_view> kind) {
  ObjectReader reader(value);
  NewAct act;
  const std::string word = reader.string("kind");
  if (kind && word != *kind) base::refuse("kind", "is not " + std::string(*kind));
  act.act.id = reader.string("id");
  if (!policy::is_account_name(act.act.id))
    base::refuse("id", "is not 1 to 64 letters, digits and - _ . +, with single spaces inside");
  if (word == "distribution") {
    act.act.terms = read_declaration(reader, act.act.id);
  } else if (word == "split") {
    act.act.terms = read_split(reader);
  } else if (word == "fork") {
    act.act.terms = read_fork(reader);
  } else if (word == "migration") {
    act.act.terms = read_migration(reader, act.act.id);
  } else if (word == "spin_off") {
    act.act.terms = read_spin_off(reader, act.act.id);
  } else {
    base::refuse("kind", "is not one of distribution, split, fork, migration, spin_off");
  }
  reader.finish();
  act.content = json::to_canonical(value);
  return act;
}

NewAct read_act_text(std::string_view text, std::optional<std::string_view> kind) {
  if (text.size() > kActBytesMax) base::refuse("body", "is larger than 64 KiB");
  return read_act(base::value_or_refuse(json::parse(text)), kind);
}

NewAct read_act_file(const std::string& path, std::optional<std::string_view> kind) {
  std::ifstream file(path, std::ios::binary);
  if (!file) base::refuse(path, "cannot be read");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto act = base::checked([&] { return read_act_text(text, kind); });
  if (act.has_error()) throw base::Refused(act.error().within(path));
  return *std::move(act);
}

std::string act_json(const FundDefinition& fund, const StoredAct& act, const std::vector<StoredAct>& all) {
  Writer writer;
  write_act(writer, fund, act, all);
  return writer.take();
}

std::string acts_json(const FundDefinition& fund, const std::vector<StoredAct>& shown,
                      const std::vector<StoredAct>& all) {
  Writer writer;
  writer.begin_object().key("acts").begin_array();
  for (const StoredAct& act : shown) write_act(writer, fund, act, all);
  writer.end_array().end_object();
  return writer.take();
}

std::string acts_table(const FundDefinition& fund, const std::vector<StoredAct>& shown) {
  runtime::Table table(
      {{"id"}, {"kind"}, {"effective"}, {"terms"}, {"state"}, {"proposed by"}, {"approved by"}});
  for (const StoredAct& act : shown)
    table.row({act.act.id, std::string(act.act.kind()), act.act.effective().to_string(), terms_text(act.act),
               act.state(), act.proposed_by.value(), act.approved_by ? act.approved_by->value() : ""});
  if (table.rows() == 0) return fund.id.value() + " has none.\n";
  return table.to_string();
}

std::string act_text(const FundDefinition& fund, const StoredAct& act, const std::vector<StoredAct>& all) {
  using Align = runtime::Align;
  std::string text = acts_table(fund, {act});
  if (!act.steps.empty()) {
    runtime::Table steps({{"step"}, {"date"}, {"shares", Align::kRight}, {"what"}});
    for (const ActStep& step : act.steps)
      steps.row({step.step, step.date.to_string(), step.shares ? grouped(step.shares->to_string()) : "",
                 step.memo});
    text += "\n" + steps.to_string();
  }
  if (act.undo) {
    const ActUndo& undo = *act.undo;
    text += "\n" + undo.asked_by.value() + " asked for it to be undone (" + undo.reason + "): ";
    text += undo.approved_by    ? "undone, approved by " + undo.approved_by->value()
            : undo.withdrawn_by ? "withdrawn by " + undo.withdrawn_by->value()
                                : std::string("waits for an approver");
    text += "\n";
  }
  if (!act.stands()) return text;
  const auto notice = notice_of(fund, act, all);
  if (!notice) return text;
  runtime::Table table({{"source (rule 19a-1)"},
                        {"a share", Align::kRight},
                        {"percent", Align::kRight},
                        {"fiscal year a share", Align::kRight},
                        {"percent", Align::kRight}});
  const auto row = [&](const char* name, Decimal policy::SourceSplit::*part) {
    table.row({name, per_share_text(notice->per_share.*part), (notice->percent.*part).to_fixed(2),
               per_share_text(notice->fiscal_year_per_share.*part),
               (notice->fiscal_year_percent.*part).to_fixed(2)});
  };
  row("net investment income", &policy::SourceSplit::income);
  row("short-term gain", &policy::SourceSplit::short_term_gain);
  row("long-term gain", &policy::SourceSplit::long_term_gain);
  row("return of capital", &policy::SourceSplit::capital);
  return text + "\n" + table.to_string();
}

std::string act_fact(const model::FundId& fund, const std::string& id, std::string_view kind,
                     std::string_view state) {
  Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("id", id)
      .member("kind", kind)
      .member("state", state)
      .end_object();
  return writer.take();
}

std::string undo_fact(const model::FundId& fund, const StoredAct& act, std::string_view state,
                      const LateReport& lateness) {
  Writer writer;
  writer.begin_object().member("fund", fund.value()).member("id", act.act.id).member("kind", act.act.kind());
  write_late(writer, lateness);
  return writer.member("state", state).end_object().take();
}

}  // namespace navkeeper::nav
