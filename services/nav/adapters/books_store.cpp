#include "services/nav/adapters/books_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/books_events.h"
#include "services/nav/domain/books/undo.h"

// Posting to the stored books. Where they stand before is books_standing_store.cpp, the rows of a batch
// books_batch_store.cpp; reading is books_read_store.cpp.
namespace navkeeper::nav {
namespace {

using books::Units;

/// Orders and trades enter the NAV on the next business day, together (rules 2a-4, 6c-11).
bool is_dealing(const books::Happening& happening) {
  return std::holds_alternative<books::Creation>(happening) ||
         std::holds_alternative<books::Redemption>(happening) ||
         std::holds_alternative<books::Purchase>(happening) || std::holds_alternative<books::Sale>(happening);
}

books::EntryDates dates_of(const EventToPost& event, const PostingRules& rules) {
  const bool is_next_day = is_dealing(event.event.happening);
  const time::Date traded = event.event.date;
  const auto date = [&](const std::optional<time::Date>& given, const time::Calendar* calendar) {
    if (given) return *given;
    return is_next_day ? calendar->next_business_day(traded) : traded;
  };
  return {date(event.book_date, rules.exchange), date(event.settlement_date, rules.settlement)};
}

std::vector<books::Source> sources_of(std::span<const EventToPost> events) {
  std::vector<books::Source> sources;
  sources.reserve(events.size());
  for (const EventToPost& event : events) sources.push_back(event.source);
  return sources;
}

/// One batch under the lock of the fund's books.
class Posting {
 public:
  Posting(db::Transaction& transaction, const model::FundId& fund, const PostingRules& rules,
          std::span<const EventToPost> events, const Stamp& stamp)
      : transaction_(transaction),
        fund_(fund),
        rules_(rules),
        head_(lock_books(transaction, fund)),
        before_(transaction, fund, sources_of(events)),
        batch_(transaction, fund, head_, stamp) {
    if (events.empty()) return;
    const auto first = std::min_element(events.begin(), events.end(), [](const auto& a, const auto& b) {
                         return a.event.date < b.event.date;
                       })->event.date;
    const bool with_register = std::any_of(events.begin(), events.end(), [](const EventToPost& event) {
      return books::register_effect(event.event.happening) != books::RegisterEffect::kNone;
    });
    const books::PosterRules poster_rules{rules.lots, rules.tax_rules};
    if (head_.entries == 0)
      poster_.emplace(poster_rules);
    else
      poster_.emplace(poster_rules, load_standing(transaction, fund, head_, first, with_register));
    commodities_ = head_.entries == 0 ? 0 : poster_->chart().commodities().size();
    if (head_.entries != 0) identifications_ = load_identifications(transaction, fund, sources_of(events));
  }

  bool is_open() const { return head_.entries != 0; }

  void post(const EventToPost& event, const books::EntryDates& dates, std::string_view kind) {
    if (before_.contains(event.source, event.content, event.place)) {
      ++unchanged_;
      return;
    }
    std::vector<books::Identification> picks;
    std::vector<BooksBatch::UsedIdentification> used;
    if (const auto found = identifications_.find(event.source); found != identifications_.end()) {
      const time::Instant at = event.at.value_or(event.event.date.utc_midnight());
      for (const RecordedIdentification& one : found->second) {
        if (one.recorded_at >= at)
          base::refuse(event.place, "its lots were identified at " + one.recorded_at.to_string() +
                                        ", not before the disposal (" + at.to_string() + ")");
        picks.push_back(one.identification);
        used.push_back(
            {event.source, one.identification.book, one.identification.asset, one.recorded_at, at});
      }
    }
    const auto decided = poster_->post(event.event, dates, picks, posted_);
    if (decided.has_error()) {
      const auto day = poster_->refused_on();
      const books::PostRefusal refusal = decided.error();
      const auto* const rule = std::get_if<books::BooksRefusal>(&refusal);
      const std::string key = rule == nullptr ? std::string() : key_of(*rule, event.content);
      base::refuse(event.place + (key.empty() ? "" : ": " + key),
                   std::string(describe(refusal)) + (day ? " on " + day->to_string() : ""));
    }
    posted_.applied.entry.source = event.source;
    add_commodities();
    batch_.add(poster_->chart(), posted_, std::string(kind), event.content, used);
  }

  PostReport write() { return batch_.write(unchanged_); }

 private:
  void add_commodities() {
    const auto& commodities = poster_->chart().commodities();
    for (; commodities_ < commodities.size(); ++commodities_)
      db::execute(transaction_,
                  "INSERT INTO commodity (fund_id, position, commodity, decimals) VALUES ($1, $2, $3, $4)",
                  fund_.value(), static_cast<int>(commodities_), commodities[commodities_].symbol,
                  commodities[commodities_].decimals);
  }

  db::Transaction& transaction_;
  const model::FundId& fund_;
  const PostingRules& rules_;
  BooksHead head_;
  PostedBefore before_;
  BooksBatch batch_;
  std::optional<books::Poster> poster_;
  std::size_t commodities_ = 0;  ///< that are stored
  RecordedIdentifications identifications_;
  books::PostedEvent posted_;
  std::size_t unchanged_ = 0;
};

}  // namespace

std::string content_of(const DraftToPost& draft) {
  json::Writer out;
  out.begin_object();
  out.member("book_date", draft.entry.book_date.to_string());
  out.member("date", draft.entry.trade_date.to_string());
  out.key("deliveries").begin_array();
  for (const DraftDelivery& one : draft.deliveries) {
    out.begin_object().member("against", one.against).member("asset", one.coins.asset);
    out.member("cause", static_cast<std::int64_t>(one.coins.cause));
    out.member("place", one.place.account).member("quantity", one.coins.quantity);
    out.member("state", describe(one.place.state)).member("value", one.coins.value).end_object();
  }
  out.end_array();
  out.member("description", draft.entry.description);
  out.member("kind", draft.kind);
  out.key("lots").begin_array();
  for (const LotAdjustment& one : draft.adjustments) {
    out.begin_object();
    if (one.acquired) out.member("acquired", one.acquired->to_string());
    out.member("asset", one.asset).member("book", describe(one.book)).member("cost", one.cost);
    if (one.lot) out.member("lot", static_cast<std::int64_t>(*one.lot));
    out.member("place", one.place.account).member("quantity", one.quantity).end_object();
  }
  out.end_array();
  out.key("postings").begin_array();
  for (const policy::DraftPosting& one : draft.entry.postings) {
    out.begin_object().member("account", one.account).member("amount", one.amount);
    out.member("commodity", one.commodity).end_object();
  }
  out.end_array();
  out.key("receipts").begin_array();
  for (const DraftReceipt& one : draft.receipts) {
    out.begin_object().member("acquired", one.lot.acquired.to_string()).member("asset", one.lot.asset);
    out.member("cause", describe(one.cause)).member("cost", one.lot.cost);
    out.member("place", one.place.account).member("quantity", one.lot.quantity);
    out.member("state", describe(one.place.state)).end_object();
  }
  out.end_array();
  out.member("settlement_date", draft.entry.settlement_date.to_string());
  out.member("shares_change", draft.shares_change);
  if (draft.split) out.member("split", draft.split->text());
  return out.end_object().take();
}

PostReport post_events(db::Transaction& transaction, const model::FundId& fund, const PostingRules& rules,
                       std::span<const EventToPost> events, const Stamp& stamp) {
  Posting posting(transaction, fund, rules, events, stamp);
  for (const EventToPost& event : events) {
    if (const auto* open = std::get_if<books::Open>(&event.event.happening);
        open != nullptr && open->fund != fund.value())
      base::refuse(event.place, "opens the books of \"" + open->fund + "\", not of " + fund.value());
    const auto dates = base::checked([&] { return dates_of(event, rules); });
    if (dates.has_error()) throw base::Refused(dates.error().within(event.place + ": date"));
    posting.post(event, *dates, describe(event.event.happening));
  }
  return posting.write();
}

Posted post_drafts(db::Transaction& transaction, const PostingRules& rules, const PostRequest& request) {
  std::vector<EventToPost> events;
  events.reserve(request.drafts.size());
  for (const DraftToPost& draft : request.drafts) {
    const std::string& id = draft.entry.source_id;
    if (id.empty() || request.source.empty()) base::refuse("entry '" + id + "'", "has no source id");
    const bool is_first = events.empty();
    events.push_back({event_of(draft, is_first ? request.new_assets : std::vector<books::AssetDefinition>{}),
                      {request.source, id},
                      draft.entry.book_date,
                      draft.entry.settlement_date,
                      content_of(draft),
                      "entry '" + id + "'"});
  }
  // Drafts may come in any order of dates; the books take them by date.
  std::vector<std::size_t> order(events.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return events[a].event.date < events[b].event.date; });
  const Stamp stamp{request.actor, request.known_at};
  Posting posting(transaction, request.fund, rules, events, stamp);
  if (!posting.is_open()) base::refuse(request.fund.value(), "its books are not open");
  for (const std::size_t i : order) {
    const std::string& kind = request.drafts[i].kind;
    posting.post(events[i], {*events[i].book_date, *events[i].settlement_date},
                 kind.empty() ? std::string_view("draft") : std::string_view(kind));
  }
  const PostReport report = posting.write();
  return {report.posted, report.unchanged};
}

PostReport post_entries(db::Transaction& transaction, const model::FundId& fund,
                        std::span<const FreeEntry> entries, const Stamp& stamp) {
  std::map<std::string, int> decimals;
  for (const auto& row :
       db::query(transaction, "SELECT commodity, decimals FROM commodity WHERE fund_id = $1", fund.value()))
    decimals.emplace(row[0].as<std::string>(), row[1].as<int>());
  std::vector<EventToPost> events;
  for (const FreeEntry& free : entries) {
    books::Draft draft;
    for (const FreeEntry::Posting& posting : free.postings) {
      const auto commodity = decimals.find(posting.commodity);
      if (commodity == decimals.end()) base::refuse(fund.value(), "its books are not open");
      draft.lines.push_back(
          {posting.account, posting.commodity, posting.amount.to_decimal(commodity->second)});
    }
    events.push_back({{free.trade_date, std::move(draft)},
                      free.source,
                      free.book_date,
                      free.settlement_date,
                      free.content,
                      fund.value()});
  }
  const PostingRules no_lots;
  Posting posting(transaction, fund, no_lots, events, stamp);
  if (!posting.is_open()) base::refuse(fund.value(), "its books are not open");
  for (std::size_t i = 0; i < events.size(); ++i)
    posting.post(events[i], {*events[i].book_date, *events[i].settlement_date}, entries[i].kind);
  return posting.write();
}

namespace {

struct StoredEntry {
  std::int64_t seq = 0;
  books::Entry entry;
  bool is_reversal = false;
};

std::optional<StoredEntry> find_entry(db::Transaction& transaction, const model::FundId& fund,
                                      const books::Source& source) {
  const auto found = db::query(transaction,
                               "SELECT seq, trade_date, book_date, settlement_date, kind, "
                               "reverses IS NOT NULL AS is_reversal "
                               "FROM entry WHERE fund_id = $1 AND source = $2 AND source_id = $3",
                               fund.value(), source.name, source.id);
  if (found.empty()) return std::nullopt;
  StoredEntry stored;
  stored.seq = found[0]["seq"].as<std::int64_t>();
  stored.entry.trade_date = found[0]["trade_date"].as<time::Date>();
  stored.entry.book_date = found[0]["book_date"].as<time::Date>();
  stored.entry.settlement_date = found[0]["settlement_date"].as<time::Date>();
  stored.entry.source = source;
  stored.entry.description = found[0]["kind"].as<std::string>();
  stored.is_reversal = found[0]["is_reversal"].as<bool>();
  return stored;
}

/// What else stands in the way of taking it back.
books::WrongEntry wrong_entry(db::Transaction& transaction, const model::FundId& fund,
                              const StoredEntry& stored) {
  books::WrongEntry wrong;
  wrong.book_date = stored.entry.book_date;
  wrong.is_reversal = stored.is_reversal;
  const auto row =
      db::query(transaction,
                "WITH standing AS (SELECT s.seq, s.is_split FROM "
                "(SELECT fund_id, seq, false AS is_split FROM share_change WHERE fund_id = $1 "
                "UNION ALL SELECT fund_id, seq, true FROM share_split WHERE fund_id = $1) s "
                "JOIN entry e USING (fund_id, seq) WHERE e.reverses IS NULL AND e.source <> 'own day' "
                "AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq)) "
                "SELECT EXISTS (SELECT FROM entry WHERE fund_id = $1 AND reverses = $2) AS is_reversed, "
                "EXISTS (SELECT FROM share_split WHERE fund_id = $1 AND seq = $2) AS is_split, "
                "EXISTS (SELECT FROM share_change WHERE fund_id = $1 AND seq = $2) AS is_change, "
                "EXISTS (SELECT FROM standing WHERE seq > $2 AND is_split) AS has_split_since, "
                "EXISTS (SELECT FROM standing WHERE seq > $2) AS has_shares_since",
                fund.value(), stored.seq)[0];
  wrong.is_reversed = row["is_reversed"].as<bool>();
  if (row["is_split"].as<bool>())
    wrong.effect = books::RegisterEffect::kSplit;
  else if (row["is_change"].as<bool>())
    wrong.effect = books::RegisterEffect::kChange;
  wrong.has_split_since = row["has_split_since"].as<bool>();
  wrong.has_shares_since = row["has_shares_since"].as<bool>();
  return wrong;
}

/// A reward goes back the way it came: a stage that a later one stands on is not taken back before it.
void refuse_broken_stages(db::Transaction& transaction, const model::FundId& fund,
                          const books::Source& wrong) {
  if (wrong.name != "facts") return;
  const auto later =
      db::query(transaction,
                "SELECT l.fact_id FROM reward_stage s JOIN reward_stage l ON l.fund_id = s.fund_id "
                "AND l.reward_id = s.reward_id AND l.stage > s.stage "
                "JOIN entry e ON e.fund_id = l.fund_id AND e.source = 'facts' AND e.source_id = l.fact_id "
                "WHERE s.fund_id = $1 AND s.fact_id = $2 "
                "AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq) "
                "ORDER BY l.stage DESC LIMIT 1",
                fund.value(), wrong.id);
  if (!later.empty())
    base::refuse(wrong.id, "a later stage of the reward stands on it: the fact \"" +
                               later[0][0].as<std::string>() + "\" is reversed first");
}

/// The chart of the stored commodities, and each one's index.
books::Chart stored_chart(db::Transaction& transaction, const model::FundId& fund,
                          std::map<std::string, books::CommodityIndex>& index) {
  books::Chart chart;
  index.emplace("USD", books::kDollars);
  for (const auto& row : db::query(
           transaction,
           "SELECT commodity, decimals FROM commodity WHERE fund_id = $1 AND position > 0 ORDER BY position",
           fund.value())) {
    const auto symbol = row["commodity"].as<std::string>();
    index.emplace(symbol, chart.add_commodity(symbol, row["decimals"].as<int>()));
  }
  return chart;
}

enum class Sense { kOnceMore, kTurnedRound };

/// Everything that the entry did; lines of `chart`.
books::PostedEvent what_it_did(db::Transaction& transaction, const model::FundId& fund,
                               const StoredEntry& stored, Sense sense, books::Chart& chart,
                               const std::map<std::string, books::CommodityIndex>& index) {
  const auto in_sense = [&](const auto& field) {
    const Units units = units_of(field);
    return sense == Sense::kTurnedRound ? -units : units;
  };
  books::PostedEvent reversed;
  reversed.applied.entry = stored.entry;
  for (const auto& row : db::query(transaction,
                                   "SELECT debit, credit, commodity, amount FROM posting "
                                   "WHERE fund_id = $1 AND seq = $2 ORDER BY line",
                                   fund.value(), stored.seq)) {
    const auto commodity = index.at(row["commodity"].as<std::string>());
    const Units amount = in_sense(row["amount"]);
    auto& postings = reversed.applied.entry.postings;
    postings.push_back({chart.line(row["debit"].as<std::string>(), commodity), amount});
    postings.push_back({chart.line(row["credit"].as<std::string>(), commodity), -amount});
  }
  for (const auto& row : db::query(transaction,
                                   "SELECT m.asset, m.lot, m.quantity, m.cost, l.acquired "
                                   "FROM lot_movement m JOIN lot l USING (fund_id, asset, lot) "
                                   "WHERE m.fund_id = $1 AND m.seq = $2 ORDER BY m.line",
                                   fund.value(), stored.seq))
    reversed.applied.lots.push_back(
        {index.at(row["asset"].as<std::string>()),
         {row["lot"].as<std::uint64_t>(), in_sense(row["quantity"]), in_sense(row["cost"])},
         row["acquired"].as<time::Date>()});
  for (const auto& row :
       db::query(transaction,
                 "SELECT m.asset, m.lot, m.place, m.quantity, m.cost, l.acquired "
                 "FROM tax_lot_movement m JOIN tax_lot l USING (fund_id, asset, lot, place) "
                 "WHERE m.fund_id = $1 AND m.seq = $2 ORDER BY m.line",
                 fund.value(), stored.seq))
    reversed.tax.lots.push_back(
        {index.at(row["asset"].as<std::string>()),
         row["place"].as<std::string>(),
         {row["lot"].as<std::uint64_t>(), in_sense(row["quantity"]), in_sense(row["cost"])},
         row["acquired"].as<time::Date>()});
  for (const auto& row : db::query(transaction,
                                   "SELECT book, asset, place, cause, quantity, cost, value, is_recognised "
                                   "FROM coin_flow WHERE fund_id = $1 AND seq = $2 ORDER BY book, line",
                                   fund.value(), stored.seq)) {
    const books::CoinFlow flow{index.at(row["asset"].as<std::string>()),
                               *books::flow_cause_from(row["cause"].as<std::string>()),
                               in_sense(row["quantity"]),
                               in_sense(row["cost"]),
                               in_sense(row["value"]),
                               {row["place"].as<std::string>(), {}},
                               {}};
    if (*books::book_from(row["book"].as<std::string>()) == books::Book::kGaap)
      reversed.applied.flows.push_back(flow);
    else
      reversed.tax.flows.push_back({flow, row["is_recognised"].as<bool>()});
  }
  for (const auto& row :
       db::query(transaction, "SELECT change FROM share_change WHERE fund_id = $1 AND seq = $2", fund.value(),
                 stored.seq))
    reversed.applied.shares_change = in_sense(row["change"]);
  for (const auto& row :
       db::query(transaction, "SELECT ratio, for_shares FROM share_split WHERE fund_id = $1 AND seq = $2",
                 fund.value(), stored.seq))
    reversed.split = books::Split{row["ratio"].as<money::Decimal>(), row["for_shares"].as<std::int64_t>()};
  return reversed;
}

}  // namespace

books::Source reversal_source(const books::Source& wrong) {
  return {"reversal", wrong.name + ":" + wrong.id};
}

namespace {

constexpr const char* kOwnDay = "own day";

/// The two entries by which `moved` was brought to its own day; nothing where it was not.
std::vector<StoredEntry> brought_by(db::Transaction& transaction, const model::FundId& fund,
                                    const StoredEntry& moved) {
  std::vector<StoredEntry> found;
  for (const auto& row :
       db::query(transaction,
                 "SELECT e.source, e.source_id FROM late_move m JOIN entry e ON e.fund_id = m.fund_id AND "
                 "e.seq IN (m.there, m.back) WHERE m.fund_id = $1 AND m.source = $2 AND m.source_id = $3 "
                 "ORDER BY e.seq",
                 fund, moved.entry.source.name, moved.entry.source.id))
    found.push_back(*find_entry(transaction, fund,
                                {row["source"].as<std::string>(), row["source_id"].as<std::string>()}));
  return found;
}

std::string reversal_content(const StoredEntry& wrong, const std::string& reason) {
  json::Writer content;
  content.begin_object();
  if (!reason.empty()) content.member("reason", reason);
  content.member("reverses", wrong.seq).end_object();
  return content.take();
}

}  // namespace

std::optional<MovedEntry> move_entry(db::Transaction& transaction, const model::FundId& fund,
                                     const books::Source& moved, time::Date to, const Stamp& stamp) {
  const BooksHead head = lock_books(transaction, fund);
  const auto stored = find_entry(transaction, fund, moved);
  ENSURE(stored && stored->entry.trade_date <= to && to < stored->entry.book_date);
  std::map<std::string, books::CommodityIndex> index;
  books::Chart chart = stored_chart(transaction, fund, index);
  books::PostedEvent there = what_it_did(transaction, fund, *stored, Sense::kOnceMore, chart, index);
  books::PostedEvent back = what_it_did(transaction, fund, *stored, Sense::kTurnedRound, chart, index);
  const std::string id = moved.name + ":" + moved.id;
  there.applied.entry.source = {kOwnDay, id + " there"};
  there.applied.entry.book_date = to;
  // A fact settles where it is booked, what a file or a trade tells when it did.
  if (moved.name == "facts") there.applied.entry.settlement_date = to;
  back.applied.entry.source = {kOwnDay, id + " back"};
  auto standing = load_standing(transaction, fund, head, stored->entry.trade_date,
                                !there.applied.shares_change.is_zero());
  if (books::below_zero_since(standing.gaap, chart, there.applied.entry)) return std::nullopt;
  if (there.applied.shares_change < Units{}) {
    standing.journal.later_shares.push_back(
        {stored->entry.trade_date, stored->entry.book_date, back.applied.shares_change});
    if (books::day_without_shares(head.shares, there.applied.entry, standing.journal)) return std::nullopt;
  }
  json::Writer content;
  content.begin_object().member("brings", stored->seq).member("to", to.to_string()).end_object();
  const std::string text = content.take();
  BooksBatch batch(transaction, fund, head, stamp);
  batch.add(chart, there, kOwnDay, text);
  batch.add(chart, back, kOwnDay, text);
  const PostReport report = batch.write(0);
  return MovedEntry{stored->seq, report.first_seq, report.last_seq};
}

PostReport reverse_entry(db::Transaction& transaction, const model::FundId& fund, const books::Source& wrong,
                         const books::Source& source, const Stamp& stamp, const std::string& reason,
                         ReversedBy by) {
  // Facts and acts decide on what stands under this lock, and take it before that of the books.
  db::query(transaction, "SELECT FROM policy_head WHERE fund_id = $1 FOR UPDATE", fund.value());
  const BooksHead head = lock_books(transaction, fund);
  refuse_unopened(head, fund);
  const auto stored = find_entry(transaction, fund, wrong);
  if (!stored) base::refuse(wrong.name + ":" + wrong.id, "is no entry of these books");
  const std::string text = reversal_content(*stored, reason);
  PostedBefore before(transaction, fund, std::vector{source});
  if (before.contains(source, text, wrong.id)) return {.posted = 0, .unchanged = 1};
  refuse_broken_stages(transaction, fund, wrong);
  if (const auto elsewhere = books::undone_elsewhere(wrong); elsewhere && by == ReversedBy::kOnePerson)
    base::refuse(wrong.id, std::string(*elsewhere));

  books::JournalState state;
  state.closed_through = head.closed_through;
  const auto admitted = books::admit_reversal(wrong_entry(transaction, fund, *stored), state);
  if (admitted.has_error()) base::refuse(wrong.id, std::string(describe(admitted.error())));

  std::map<std::string, books::CommodityIndex> index;
  books::Chart chart = stored_chart(transaction, fund, index);
  books::PostedEvent reversed = what_it_did(transaction, fund, *stored, Sense::kTurnedRound, chart, index);
  const auto standing = load_standing(transaction, fund, head, stored->entry.trade_date,
                                      !reversed.applied.shares_change.is_zero());
  if (books::would_fall_below_zero(standing.gaap, chart, reversed.applied.entry))
    base::refuse(wrong.id,
                 "what it brought has gone since: coins that left by now would never have been held");
  if (const auto below = books::below_zero_since(standing.gaap, chart, reversed.applied.entry))
    base::refuse(wrong.id, "what it brought has gone since: " + below->account +
                               " would be less than nothing on " + below->on.to_string());
  if (!reversed.split && reversed.applied.shares_change < Units{}) {
    const auto day = books::day_without_shares(head.shares + reversed.applied.shares_change,
                                               reversed.applied.entry, standing.journal);
    if (day)
      base::refuse(wrong.id,
                   "its shares were redeemed: the register would be below zero on " + day->to_string());
  }
  reversed.applied.entry.source = source;
  reversed.applied.entry.description = "reversal of " + stored->entry.description;
  try {
    BooksBatch batch(transaction, fund, head, stamp);
    batch.add_reversal(chart, reversed, text, stored->seq);
    for (const StoredEntry& one : brought_by(transaction, fund, *stored)) {
      books::PostedEvent undone = what_it_did(transaction, fund, one, Sense::kTurnedRound, chart, index);
      undone.applied.entry.source = reversal_source(one.entry.source);
      undone.applied.entry.description = "reversal of " + one.entry.description;
      batch.add_reversal(chart, undone, reversal_content(one, reason), one.seq);
    }
    PostReport report = batch.write(0);
    report.last_seq = report.first_seq;  // the others go with it
    return report;
  } catch (const base::Refused& refused) {
    base::refuse(wrong.id, "cannot be reversed: " + refused.refusal().rule);
  }
}

}  // namespace navkeeper::nav
