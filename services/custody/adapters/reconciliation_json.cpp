#include "services/custody/adapters/reconciliation_json.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/reader.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/record_json.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using runtime::Align;
using runtime::Table;

void write_optional(json::Writer& writer, std::string_view name, const std::optional<Decimal>& amount) {
  writer.key(name);
  amount ? writer.decimal(*amount) : writer.null();
}

/// What a writer wrote, in the one spelling that is hashed.
std::string canonical(json::Writer& writer) {
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

std::vector<std::string> balance_rows(const ReconciliationInput& input) {
  std::vector<const Balance*> balances;
  balances.reserve(input.balances.size());
  for (const Balance& balance : input.balances) balances.push_back(&balance);
  std::sort(balances.begin(), balances.end(), [](const Balance* a, const Balance* b) {
    return std::tie(a->place, a->asset) < std::tie(b->place, b->asset);
  });
  std::vector<std::string> rows;
  rows.reserve(balances.size());
  for (const Balance* balance : balances) {
    json::Writer writer;
    writer.begin_object()
        .member("source", balance->place.source)
        .member("account", balance->place.account)
        .member("asset", balance->asset.value());
    write_optional(writer, "owned", owned(*balance));
    writer.member("as_of", balance->as_of.to_string())
        .member("raw_sha256", base::to_hex(balance->raw_sha256))
        .end_object();
    rows.push_back(canonical(writer));
  }
  return rows;
}

void write_terms(json::Writer& writer, const ReconciliationTerms& terms) {
  writer.key("prices").begin_object();
  for (const auto& [asset, price] : terms.prices) writer.member(asset, price);
  writer.end_object().key("tolerances").begin_object();
  for (const auto& [asset, tolerance] : terms.tolerances) {
    writer.key(asset).begin_object().member("units", tolerance.units);
    if (tolerance.dollars) writer.member("dollars", *tolerance.dollars);
    writer.end_object();
  }
  writer.end_object();
}

void write_line(json::Writer& writer, const ReconciliationLine& line) {
  writer.begin_object().member("asset", line.asset).member("place", line.place).member("books", line.books);
  write_optional(writer, "custodian", line.custodian);
  write_optional(writer, "chain", line.chain);
  write_optional(writer, "difference", line.difference);
  writer.member("status", describe(line.status)).member("matched", line.matched).key("notes").begin_array();
  for (const std::string& note : line.notes) writer.string(note);
  writer.end_array().key("states").begin_object();
  const auto state = [&](const char* name, const std::optional<Decimal>& booked,
                         const std::optional<Decimal>& kept) {
    writer.key(name).begin_object();
    write_optional(writer, "books", booked);
    write_optional(writer, "kept", kept);
    writer.end_object();
  };
  state("staked", line.booked_states.staked, line.kept_states.staked);
  state("activating", line.booked_states.activating, line.kept_states.activating);
  state("unbonding", line.booked_states.unbonding, line.kept_states.unbonding);
  writer.end_object().end_object();
}

void write_found(json::Writer& writer, const FoundBreak& found) {
  writer.member("asset", found.asset)
      .member("place", found.place)
      .member("level", describe(found.level))
      .member("type", describe(found.type))
      .member("amount", found.amount);
  write_optional(writer, "dollars", found.dollars);
  writer.member("over_tolerance", found.is_over_tolerance)
      .member("self_explained", found.is_self_explained)
      .member("detail", found.detail);
}

/// Rows as one hash, whatever their number.
class RowHash {
 public:
  void add(std::string_view row) {
    hash_.update(row);
    hash_.update("\n");
    ++count_;
  }
  void write(json::Writer& writer, std::string_view name) {
    writer.key(name).begin_object().member("count", count_);
    writer.member("sha256", base::to_hex(hash_.finish())).end_object();
  }

 private:
  crypto::Sha256 hash_;
  std::int64_t count_ = 0;
};

std::optional<Decimal> optional_in(json::ObjectReader& reader, const char* key) {
  if (!reader.is_null(key)) return reader.decimal(key);
  reader.ignore(key);
  return std::nullopt;
}

std::string text_of(const std::optional<Decimal>& amount) { return amount ? amount->to_string() : "-"; }

std::string place_name(const std::string& place) { return place.empty() ? "main" : place; }

std::string owner_of(const StoredBreak& one) { return one.state.owner ? one.state.owner->value() : "nobody"; }

std::string dollars_of(const FoundBreak& found) { return found.dollars ? found.dollars->to_fixed(2) : "-"; }

}  // namespace

ReconciliationPaper JsonReconciliationDocuments::paper(const model::FundId& fund, const FundBooks& books,
                                                       const ReconciliationInput& input,
                                                       const ReconciliationTerms& terms,
                                                       const Reconciliation& found) {
  ReconciliationPaper paper;
  RowHash lines;
  RowHash balances;
  RowHash breaks;
  paper.lines.reserve(found.lines.size());
  for (const ReconciliationLine& line : found.lines) {
    json::Writer writer;
    write_line(writer, line);
    paper.lines.push_back({line.asset, line.place, line.status, canonical(writer)});
    lines.add(paper.lines.back().body);
  }
  paper.balances = balance_rows(input);
  for (const std::string& balance : paper.balances) balances.add(balance);
  for (const FoundBreak& one : found.breaks) {
    json::Writer writer;
    writer.begin_object().member("id", break_id(one.key));
    write_found(writer, one);
    writer.end_object();
    breaks.add(canonical(writer));
  }
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", input.date.to_string())
      .member("at", input.at.to_string())
      .member("basis", "settled")
      .key("books")
      .begin_object()
      .member("sha256", books.sha256)
      .end_object();
  write_terms(writer, terms);
  lines.write(writer, "lines");
  balances.write(writer, "balances");
  breaks.write(writer, "breaks");
  writer.end_object();
  paper.document = canonical(writer);
  return paper;
}

std::optional<Transfer> JsonReconciliationDocuments::transfer(const Record& record) {
  return transfer_of(record);
}
std::optional<Reward> JsonReconciliationDocuments::reward(const Record& record) { return reward_of(record); }
std::optional<Converted> JsonReconciliationDocuments::conversion(const Record& record) {
  return conversion_of(record);
}

ReconciliationLine line_of(const std::string& body) {
  const json::Value value = base::value_or_refuse(json::parse(body));
  json::ObjectReader item(value);
  ReconciliationLine line;
  line.asset = item.string("asset");
  line.place = item.string("place");
  line.books = item.decimal("books");
  line.custodian = optional_in(item, "custodian");
  line.chain = optional_in(item, "chain");
  line.difference = optional_in(item, "difference");
  const auto status = parse_line_status(item.string("status"));
  if (!status) base::refuse(item.path_of("status"), "is unknown");
  line.status = *status;
  line.matched = static_cast<int>(item.integer("matched", 0));
  for (const json::Place& note : item.array("notes")) line.notes.push_back(json::read_string(note));
  return line;
}

std::string_view verdict_of(const std::map<LineStatus, std::int64_t>& lines,
                            const std::vector<StoredBreak>& breaks) {
  const bool fails = std::any_of(breaks.begin(), breaks.end(), [](const StoredBreak& one) {
    return one.state.found.is_over_tolerance &&
           !is_explained(one.state.found, one.state.acts, one.state.open_since);
  });
  if (fails) return "failed";
  const bool is_unsure = lines.contains(LineStatus::kUnsure) || lines.contains(LineStatus::kNotCovered);
  return is_unsure ? "unavailable" : "passed";
}

void write_break(json::Writer& writer, const StoredBreak& one, bool whole) {
  const BreakState& state = one.state;
  writer.begin_object().member("id", one.id);
  write_found(writer, state.found);
  writer.member("status", describe(state.status))
      .member("explained", is_explained(state.found, state.acts, state.open_since))
      .member("first_seen", state.first_seen.to_string())
      .member("open_since", state.open_since.to_string())
      .member("last_seen", state.last_seen.to_string())
      .key("cleared_on");
  state.cleared_on ? writer.string(state.cleared_on->to_string()) : writer.null();
  writer.key("not_looked_on");
  state.not_looked_on ? writer.string(state.not_looked_on->to_string()) : writer.null();
  writer.member("times", state.times)
      .member("age_days", state.age_days)
      .member("age_bucket", describe(age_bucket(state.age_days)))
      .key("owner");
  state.owner ? writer.string(state.owner->value()) : writer.null();
  writer.key("resolution");
  if (state.resolution) {
    writer.begin_object()
        .member("text", state.resolution->text)
        .member("evidence", state.resolution->evidence)
        .member("by", state.resolution->actor.value())
        .key("confirmed_by");
    state.confirmed_by ? writer.string(state.confirmed_by->value()) : writer.null();
    writer.end_object();
  } else {
    writer.null();
  }
  if (whole) {
    writer.key("acts").begin_array();
    for (const BreakAct& act : state.acts) {
      writer.begin_object()
          .member("seq", act.seq)
          .member("kind", describe(act.kind))
          .member("by", act.actor.value())
          .member("at", act.at.to_string());
      if (!act.text.empty()) writer.member("text", act.text);
      if (!act.evidence.empty()) writer.member("evidence", act.evidence);
      if (act.kind == BreakActKind::kResolved)
        writer.member("type", describe(act.type)).member("amount", act.amount);
      if (act.of_seq != 0) writer.member("of_seq", act.of_seq);
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

std::string breaks_json(const model::FundId& fund, const std::vector<StoredBreak>& breaks) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("breaks").begin_array();
  for (const StoredBreak& one : breaks) write_break(writer, one, true);
  return writer.end_array().end_object().take();
}

namespace {

void write_cursor(json::Writer& writer, const std::string& next_cursor) {
  writer.key("next_cursor");
  next_cursor.empty() ? writer.null() : writer.string(next_cursor);
}

void write_rows(json::Writer& writer, std::string_view name, const std::vector<std::string>& rows) {
  writer.key(name).begin_array();
  for (const std::string& row : rows) writer.value(base::value_or_refuse(json::parse(row)));
  writer.end_array();
}

}  // namespace

std::string reconciliation_json(const model::FundId& fund, const ShownReconciliation& shown) {
  const StoredReconciliation& stored = shown.stored;
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", stored.date.to_string())
      .member("number", stored.number)
      .member("at", stored.at.to_string())
      .member("known_at", stored.known_at.to_string())
      .member("by", stored.actor)
      .member("sha256", stored.sha256);
  if (!shown.verdict.empty())
    writer.member("verdict", shown.verdict)
        .key("document")
        .value(base::value_or_refuse(json::parse(stored.document)));
  write_rows(writer, "lines", shown.lines);
  writer.key("breaks").begin_array();
  for (const StoredBreak& one : shown.breaks) write_break(writer, one, false);
  writer.end_array();
  write_cursor(writer, shown.next_cursor);
  return writer.end_object().take();
}

std::string balances_json(const model::FundId& fund, const StoredReconciliation& stored,
                          const std::vector<std::string>& balances, const std::string& next_cursor) {
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", stored.date.to_string())
      .member("number", stored.number);
  write_rows(writer, "balances", balances);
  write_cursor(writer, next_cursor);
  return writer.end_object().take();
}

std::string reconciliations_json(const model::FundId& fund, const std::vector<StoredReconciliation>& list) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("reconciliations").begin_array();
  for (const StoredReconciliation& stored : list)
    writer.begin_object()
        .member("date", stored.date.to_string())
        .member("number", stored.number)
        .member("at", stored.at.to_string())
        .member("known_at", stored.known_at.to_string())
        .member("by", stored.actor)
        .member("sha256", stored.sha256)
        .end_object();
  return writer.end_array().end_object().take();
}

std::string reconciled_days_json(const model::FundId& fund, const std::vector<ReconciledDay>& days) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("days").begin_array();
  for (const ReconciledDay& day : days) {
    writer.begin_object()
        .member("date", day.date.to_string())
        .member("state", describe(day.state))
        .member("detail", day.detail)
        .key("number");
    day.number ? writer.integer(*day.number) : writer.null();
    writer.member("known_at", day.known_at.to_string()).end_object();
  }
  return writer.end_array().end_object().take();
}

std::string reconciliations_table(const std::vector<StoredReconciliation>& list,
                                  const std::vector<ReconciledDay>& days) {
  struct Row {
    const StoredReconciliation* made = nullptr;
    const ReconciledDay* day = nullptr;
  };
  std::map<time::Date, Row, std::greater<>> rows;
  for (const StoredReconciliation& made : list) rows[made.date].made = &made;
  for (const ReconciledDay& day : days) rows[day.date].day = &day;
  Table table({{"date"}, {"number", Align::kRight}, {"made at"}, {"by"}, {"job"}, {"detail"}});
  for (const auto& [date, row] : rows)
    table.row({date.to_string(), row.made ? std::to_string(row.made->number) : "-",
               row.made ? row.made->known_at.to_string() : "-", row.made ? row.made->actor : "-",
               row.day ? std::string(describe(row.day->state)) : "-", row.day ? row.day->detail : ""});
  return table.to_string();
}

std::string reconciliation_table(const model::FundId& fund, const ShownReconciliation& shown) {
  std::string out = "Reconciliation of " + fund.value() + " at " + shown.stored.at.to_string() + ", number " +
                    std::to_string(shown.stored.number) + ": " + std::string(shown.verdict) + "\n\n";
  Table table({{"asset"},
               {"place"},
               {"books", Align::kRight},
               {"custodian", Align::kRight},
               {"chain", Align::kRight},
               {"difference", Align::kRight},
               {"matched", Align::kRight},
               {"status"}});
  std::string notes;
  for (const std::string& body : shown.lines) {
    const ReconciliationLine line = line_of(body);
    table.row({line.asset, place_name(line.place), line.books.to_string(), text_of(line.custodian),
               text_of(line.chain), text_of(line.difference), std::to_string(line.matched),
               std::string(describe(line.status))});
    for (const std::string& note : line.notes)
      notes += line.asset + " " + place_name(line.place) + ": " + note + "\n";
  }
  out += table.to_string();
  if (!notes.empty()) out += "\n" + notes;
  if (!shown.breaks.empty()) out += "\n" + breaks_table(shown.breaks);
  return out;
}

std::string breaks_table(const std::vector<StoredBreak>& breaks) {
  Table table({{"break"},
               {"asset"},
               {"place"},
               {"type"},
               {"amount", Align::kRight},
               {"dollars", Align::kRight},
               {"since"},
               {"days"},
               {"owner"},
               {"status"}});
  std::string details;
  for (const StoredBreak& one : breaks) {
    const BreakState& state = one.state;
    const std::string level =
        state.found.level == BreakLevel::kTotal ? "" : std::string(describe(state.found.level)) + ", ";
    table.row({one.id, state.found.asset, place_name(state.found.place),
               level + std::string(describe(state.found.type)), state.found.amount.to_string(),
               dollars_of(state.found), state.open_since.to_string(),
               std::string(describe(age_bucket(state.age_days))), owner_of(one),
               std::string(describe(state.status)) +
                   (state.cleared_on                ? " " + state.cleared_on->to_string()
                    : state.found.is_over_tolerance ? ""
                                                    : ", tolerated") +
                   (state.not_looked_on ? ", not looked at on " + state.not_looked_on->to_string() : "")});
    details += one.id + ": " + state.found.detail + "\n";
    if (state.resolution)
      details += std::string(one.id.size() + 2, ' ') + "explained by " + state.resolution->actor.value() +
                 ": " + state.resolution->text + " (" + state.resolution->evidence + "), " +
                 (state.confirmed_by ? "confirmed by " + state.confirmed_by->value() : "not confirmed yet") +
                 "\n";
  }
  return table.to_string() + (details.empty() ? "" : "\n" + details);
}

std::string break_text(const StoredBreak& one) {
  std::string out = breaks_table({one});
  if (one.state.acts.empty()) return out;
  Table table({{"when"}, {"who"}, {"what"}, {"text"}});
  for (const BreakAct& act : one.state.acts)
    table.row({act.at.to_string(), act.actor.value(), std::string(describe(act.kind)),
               act.text + (act.evidence.empty() ? "" : " (" + act.evidence + ")")});
  return out + "\n" + table.to_string();
}

}  // namespace navkeeper::custody
