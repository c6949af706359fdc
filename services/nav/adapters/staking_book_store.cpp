#include "services/nav/adapters/staking_book_store.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"
#include "common/json/write.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/staking_day_store.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr auto kReadAgain = time::Duration::hours(1);
/// Room behind a fact's id for the further facts of one event.
constexpr std::size_t kFactIdBytesMax = 180;
constexpr int kPerShareDecimals = 12;

time::Date date_of(const pqxx::field& field) { return time::Date::literal(field.as<std::string>()); }
Decimal height_of(std::uint64_t height) { return Decimal::of(static_cast<money::Int128>(height)); }

/// Made of the event's id, so that the same event makes the same fact whoever posts it.
std::string fact_id_of(const std::string& event_id) {
  std::string id = "staking:" + event_id;
  return id.size() <= kFactIdBytesMax ? id : "staking:sha256:" + crypto::sha256_hex(event_id);
}

StakingEvent event_of(const pqxx::row& row) {
  StakingEvent event;
  event.id = row["event_id"].as<std::string>();
  event.chain = row["chain"].as<std::string>();
  event.source = row["source"].as<std::string>();
  event.place = row["place"].as<std::string>();
  event.asset = db::name_of<model::AssetId>(row["asset"]);
  event.kind = row["kind"].as<std::string>();
  event.amount = row["amount"].as<Decimal>();
  event.height = row["height"].as<std::uint64_t>();
  event.at = row["at_ns"].as<time::Instant>();
  event.detail = row["detail"].as<std::string>();
  event.told_at = row["told_at_ns"].as<time::Instant>();
  return event;
}

/// Whoever keeps or books a fund's events waits here for the others.
void lock_fund(db::Transaction& transaction, const model::FundId& fund) {
  db::execute(transaction, "INSERT INTO policy_head (fund_id, facts) VALUES ($1, 0) ON CONFLICT DO NOTHING",
              fund);
  db::query(transaction, "SELECT FROM policy_head WHERE fund_id = $1 FOR UPDATE", fund);
  // Nothing is struck between what is late now and where that is booked.
  db::query(transaction, "SELECT FROM books_head WHERE fund_id = $1 FOR UPDATE", fund);
}

/// The first struck NAV whose cut-off reaches an event lacks it.
class Belonging {
 public:
  Belonging(db::Transaction& transaction, const model::FundId& fund, const StakingDay& asked,
            const DayOfStaking& day)
      : date_(asked.date) {
    for (const auto& row :
         db::query(transaction,
                   "SELECT c.valuation_date::text AS day, c.chain, c.source, max(c.at_ns) AS at_ns FROM "
                   "staking_cut_off c WHERE c.fund_id = $1 AND NOT ($2 AND c.valuation_date = $3) AND EXISTS "
                   "(SELECT FROM nav n WHERE n.fund_id = c.fund_id AND n.valuation_date = c.valuation_date) "
                   "GROUP BY c.valuation_date, c.chain, c.source ORDER BY c.valuation_date",
                   fund, day.moves, asked.date.to_string()))
      struck_[{row["chain"].as<std::string>(), row["source"].as<std::string>()}].emplace_back(
          row["at_ns"].as<time::Instant>(), date_of(row["day"]));
  }
  void set(DueEvent& due) const {
    due.valuation = date_;
    const auto days = struck_.find({due.event.chain, due.event.source});
    if (days == struck_.end()) return;
    for (const auto& [at, date] : days->second) {
      if (due.event.at > at) continue;
      due.valuation = date;
      due.is_late = true;
      return;
    }
  }

 private:
  time::Date date_;
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<time::Instant, time::Date>>> struck_;
};

std::vector<DueEvent> due_events(db::Transaction& transaction, const FundDefinition& fund,
                                 const StakingDay& asked, const DayOfStaking& day) {
  std::vector<StakingEvent> events;
  for (const auto& row : db::query(transaction,
                                   "SELECT e.* FROM staking_waiting JOIN staking_event e USING (fund_id, "
                                   "event_id) WHERE fund_id = $1",
                                   fund.id)) {
    StakingEvent event = event_of(row);
    const bool is_due = std::any_of(day.cut_offs.begin(), day.cut_offs.end(), [&](const StakingCutOff& one) {
      return one.chain == event.chain && one.source == event.source && event.at <= one.at;
    });
    if (is_due) events.push_back(std::move(event));
  }
  if (events.empty()) return {};
  sort_for_booking(events);
  const Belonging belonging(transaction, fund.id, asked, day);
  const time::Zone zone = fund.valuation().zone;
  const time::Date opening = books_opening(transaction, fund);
  std::vector<DueEvent> due;
  due.reserve(events.size());
  for (StakingEvent& event : events) {
    DueEvent one;
    one.fact_id = fact_id_of(event.id);
    one.date = zone.to_local(event.at).date;
    one.event = std::move(event);
    one.in_opening = one.date < opening;
    belonging.set(one);
    due.push_back(std::move(one));
  }
  return due;
}

StakingStanding standing_at(db::Transaction& transaction, const model::FundId& fund,
                            const StakingPlace& place) {
  StakingStanding standing;
  for (const auto& row : db::query(transaction,
                                   "SELECT reward_type, carried FROM staking_carried WHERE fund_id = $1 AND "
                                   "source = $2 AND place = $3 AND asset = $4",
                                   fund, place.source, place.place, place.asset))
    standing.carried[row["reward_type"].as<std::string>()] = row["carried"].as<Decimal>();
  for (const auto& row : db::query(
           transaction,
           "SELECT s.reward_id, r.reward_type, r.stage, r.gross FROM staking_reward s, LATERAL (SELECT "
           "reward_type, stage, gross FROM reward_stage t WHERE t.fund_id = s.fund_id AND t.reward_id = "
           "s.reward_id AND NOT EXISTS (SELECT FROM entry e JOIN entry b ON b.fund_id = e.fund_id AND "
           "b.reverses = e.seq WHERE e.fund_id = t.fund_id AND e.source = 'facts' AND e.source_id = "
           "t.fact_id) "
           "ORDER BY stage DESC LIMIT 1) r WHERE s.fund_id = $1 AND s.source = $2 AND s.place = $3 AND "
           "s.asset = $4 AND r.stage < $5 ORDER BY s.number",
           fund, place.source, place.place, place.asset, static_cast<int>(policy::RewardStage::kReceived)))
    standing.open.push_back({row["reward_id"].as<std::string>(), row["reward_type"].as<std::string>(),
                             static_cast<policy::RewardStage>(row["stage"].as<int>()),
                             row["gross"].as<Decimal>()});
  return standing;
}

std::vector<LateQuantity> late_of(const std::vector<StakingFact>& facts) {
  std::vector<LateQuantity> late;
  for (const StakingFact& staked : facts)
    if (staked.is_late) late.push_back(staked.effect);
  return late;
}

TrueUp true_up_of(db::Transaction& transaction, const FundDefinition& fund,
                  const std::vector<LateQuantity>& late) {
  std::optional<time::Date> since;
  for (const LateQuantity& one : late) since = since ? std::min(*since, one.since) : one.since;
  if (!since) return {};
  return assess_true_up(fund.tolerances.nav_error_per_share, struck_since(transaction, fund.id, *since),
                        late);
}

/// Written when a booking is decided, in its transaction.
class Writer {
 public:
  Writer(db::Transaction& transaction, const FundDefinition& fund, const model::ActorId& actor,
         time::Instant now)
      : transaction_(transaction), fund_(fund), actor_(actor), now_(now) {}

  void booked(const std::vector<DueEvent>& due, const StakingBooking& booking) {
    std::map<std::string, time::Date> valuations;
    for (const DueEvent& one : due) valuations.emplace(one.event.id, one.valuation);
    db::WriteBatch batch(transaction_);
    for (const BookedEvent& event : booking.events) {
      batch.add("DELETE FROM staking_waiting WHERE fund_id = $1 AND event_id = $2", fund_.id, event.event_id);
      batch.add(
          "INSERT INTO staking_booked (fund_id, event_id, valuation_date, fact_id, booked_by, known_at_ns) "
          "VALUES ($1, $2, $3, $4, $5, $6)",
          fund_.id, event.event_id, valuations.at(event.event_id).to_string(),
          event.fact_id.empty() ? std::nullopt : std::optional(event.fact_id), actor_, now_.ns());
    }
    for (const auto& [place, reward] : booking.new_rewards)
      batch.add(
          "INSERT INTO staking_reward (fund_id, reward_id, number, source, place, asset) SELECT $1, $2, "
          "coalesce(max(number), 0) + 1, $3, $4, $5 FROM staking_reward WHERE fund_id = $1 AND source = $3 "
          "AND "
          "place = $4 AND asset = $5",
          fund_.id, reward.reward_id, place.source, place.place, place.asset);
    for (const auto& [place, standing] : booking.standing) {
      batch.add(
          "UPDATE staking_carried SET carried = 0 WHERE fund_id = $1 AND source = $2 AND place = $3 AND "
          "asset = $4",
          fund_.id, place.source, place.place, place.asset);
      for (const auto& [type, carried] : standing.carried)
        batch.add(
            "INSERT INTO staking_carried (fund_id, source, place, asset, reward_type, carried) VALUES ($1, "
            "$2, "
            "$3, $4, $5, $6) ON CONFLICT (fund_id, source, place, asset, reward_type) DO UPDATE SET carried "
            "= "
            "excluded.carried",
            fund_.id, place.source, place.place, place.asset, type, carried);
    }
    batch.run();
  }

  void late(const std::vector<StakingFact>& facts, const StakingPrices& prices, const TrueUp& true_up,
            time::Date next) {
    const Decimal per_share = worst_of(true_up).rounded(kPerShareDecimals, money::Rounding::kHalfEven);
    for (const StakingFact& staked : facts) {
      if (!staked.is_late) continue;
      const LateQuantity& effect = staked.effect;
      const auto price = prices.find({model::AssetId::literal(effect.asset), effect.since});
      const Decimal dollars =
          price == prices.end() || effect.quantity.is_zero()
              ? Decimal{}
              : money::multiply(effect.quantity, price->second, 2, money::Rounding::kHalfEven);
      db::execute(transaction_,
                  "INSERT INTO late_entry (fund_id, source, source_id, since, treatment, book_date, asset, "
                  "quantity, dollars, per_share, known_at_ns) VALUES ($1, 'facts', $2, $3, $4, $5, $6, $7, "
                  "$8, $9, $10)",
                  fund_.id, staked.fact.id, effect.since.to_string(),
                  true_up.belongs_to_its_days() ? "nav_error" : "next_strike",
                  (true_up.belongs_to_its_days() ? effect.since : next).to_string(), effect.asset,
                  effect.quantity, dollars, per_share, now_.ns());
    }
  }

  std::size_t cut_offs(time::Date date, const std::vector<StakingCutOff>& cut_offs) {
    std::size_t added = 0;
    for (const StakingCutOff& one : cut_offs)
      added += db::execute(transaction_,
                           "INSERT INTO staking_cut_off (fund_id, valuation_date, chain, source, at_ns, "
                           "height, root, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT "
                           "DO NOTHING",
                           fund_.id, date.to_string(), one.chain, one.source, one.at, height_of(one.height),
                           one.root, now_.ns());
    // A strike that looked before must look again.
    db::execute(transaction_, "UPDATE policy_head SET facts = facts + $2 WHERE fund_id = $1", fund_.id,
                static_cast<std::int64_t>(added));
    return added;
  }

  void announce(const std::string& kind, time::Date date, const StakingTaken& taken) {
    json::Writer body;
    body.begin_object()
        .member("date", date.to_string())
        .member("events", static_cast<std::int64_t>(taken.events))
        .member("facts", static_cast<std::int64_t>(taken.facts))
        .member("fund", fund_.id.value())
        .member("late", static_cast<std::int64_t>(taken.late));
    if (taken.in_opening > 0) body.member("opening", static_cast<std::int64_t>(taken.in_opening));
    if (!taken.true_up.days.empty()) {
      body.key("true_up").begin_array();
      for (const DayEffect& day : taken.true_up.days)
        body.begin_object()
            .member("date", day.date.to_string())
            .member("error", day.is_error)
            .member("per_share", day.per_share.to_fixed(kPerShareDecimals, money::Rounding::kHalfEven))
            .end_object();
      body.end_array();
    }
    const std::string text = body.end_object().take();
    db::append_event(transaction_, fund_.id.value(), {0, kind, text, now_.ns()});
    db::append_audit(transaction_, fund_.id.value(), {actor_.value(), now_.ns(), kind, text});
  }

 private:
  db::Transaction& transaction_;
  const FundDefinition& fund_;
  const model::ActorId& actor_;
  time::Instant now_;
};

void add_event(db::WriteBatch& batch, const model::FundId& fund, const StakingEvent& event,
               time::Instant now) {
  batch.add(
      "INSERT INTO staking_event (fund_id, event_id, chain, source, place, asset, kind, amount, height, "
      "at_ns, "
      "detail, told_at_ns, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      fund, event.id, event.chain, event.source, event.place, event.asset, event.kind, event.amount,
      height_of(event.height), event.at, event.detail, event.told_at, now.ns());
  batch.add("INSERT INTO staking_waiting (fund_id, event_id) VALUES ($1, $2)", fund, event.id);
}

std::string told(const StakingEvent& event) {
  return event.kind + " of " + event.amount.to_string() + " " + event.asset.value() + " at " +
         event.at.to_string();
}

}  // namespace

StakingBookmark PostgresStakingBooks::bookmark(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> StakingBookmark {
        const auto rows =
            db::query(transaction, "SELECT max(told_at_ns) FROM staking_event WHERE fund_id = $1", fund);
        if (rows[0][0].is_null()) return {};
        return {rows[0][0].as<time::Instant>() - kReadAgain, ""};
      },
      kReading);
}

std::size_t PostgresStakingBooks::keep(const model::FundId& fund, const std::vector<StakingEvent>& events,
                                       const model::ActorId& actor, time::Instant now) {
  if (events.empty()) return 0;
  std::optional<base::Refusal> contradiction;
  const std::size_t kept = pool_.transact([&](db::Transaction& transaction) -> std::size_t {
    contradiction.reset();
    lock_fund(transaction, fund);
    db::WriteBatch batch(transaction);
    std::string ids;
    std::map<std::string, const StakingEvent*> news;
    for (const StakingEvent& event : events) {
      ids += (ids.empty() ? "" : ", ") + batch.value(event.id);
      const auto [known, is_first] = news.emplace(event.id, &event);
      if (!is_first && !says_the_same(*known->second, event))
        base::refuse("staking event " + event.id, "is told in two ways at once; nothing was changed");
    }
    for (const auto& row :
         db::query(transaction,
                   "SELECT * FROM staking_event WHERE fund_id = $1 AND event_id IN (" + ids + ")", fund)) {
      const StakingEvent stored = event_of(row);
      const StakingEvent& now_told = *news.at(stored.id);
      if (!says_the_same(stored, now_told)) {
        contradiction = base::Refusal{"staking event " + stored.id,
                                      "was taken as " + told(stored) + " and is told as " + told(now_told) +
                                          " now: ask who runs staking (navkeeper staking show " +
                                          fund.value() + "); nothing was changed"};
        return 0;
      }
      news.erase(stored.id);
    }
    for (const StakingEvent& event : events) {
      const auto is_new = news.find(event.id);
      if (is_new != news.end() && is_new->second == &event) add_event(batch, fund, event, now);
    }
    if (!news.empty()) batch.run();
    return news.size();
  });
  if (contradiction) {
    pool_.transact([&](db::Transaction& transaction) {
      json::Writer body;
      body.begin_object().member("fund", fund.value()).member("what", contradiction->message()).end_object();
      const std::string text = body.take();
      db::append_event(transaction, fund.value(), {0, "staking_contradicted", text, now.ns()});
      db::append_audit(transaction, fund.value(), {actor.value(), now.ns(), "staking_contradicted", text});
    });
    throw base::Refused(*contradiction);
  }
  return kept;
}

std::optional<time::Date> PostgresStakingBooks::first_waiting(const FundDefinition& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<time::Date> {
        const time::Date opening = books_opening(transaction, fund);
        // The opening's day begins at most a day before UTC's.
        const auto first = db::optional_of<time::Instant>(
            db::query(transaction,
                      "SELECT min(e.at_ns) FROM staking_waiting JOIN staking_event e USING (fund_id, "
                      "event_id) WHERE fund_id = $1 AND e.at_ns >= $2",
                      fund.id, (opening - 1).utc_midnight())[0][0]);
        if (!first) return std::nullopt;
        return std::max(fund.valuation().zone.to_local(*first).date, opening);
      },
      kReading);
}

std::set<NeededPrice> PostgresStakingBooks::needed(const FundDefinition& fund, const StakingDay& asked) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::set<NeededPrice> needed;
        const DayOfStaking day = day_of_staking(transaction, fund.id, asked);
        for (const DueEvent& one : due_events(transaction, fund, asked, day)) {
          if (one.in_opening) continue;
          // A late loss is measured in dollars too.
          if (needs_price(one.event) || one.is_late) needed.emplace(one.event.asset, one.valuation);
        }
        return needed;
      },
      kReading);
}

StakingTaken PostgresStakingBooks::post(const FundDefinition& fund, const StakingDay& asked,
                                        const StakingPrices& prices, const model::ActorId& actor,
                                        time::Instant now) {
  return pool_.transact([&](db::Transaction& transaction) {
    lock_fund(transaction, fund.id);
    const DayOfStaking day = day_of_staking(transaction, fund.id, asked);
    if (day.moves) check_cut_offs(transaction, fund.id, day.cut_offs);
    if (day.is_first) check_first(transaction, fund.id, asked);
    const std::vector<DueEvent> due = due_events(transaction, fund, asked, day);
    StakingBooking booking = book_staking(
        fund, due, [&](const StakingPlace& place) { return standing_at(transaction, fund.id, place); },
        [&](const model::AssetId& asset, time::Date date) -> Decimal {
          const auto price = prices.find({asset, date});
          if (price == prices.end())
            throw StakingPriceMissing("the price of " + asset.value() + " on " + date.to_string() +
                                      " was not looked up");
          return price->second;
        });
    StakingTaken taken;
    taken.cut_offs = day.cut_offs;
    taken.events = booking.events.size();
    for (const DueEvent& one : due) taken.in_opening += one.in_opening ? 1U : 0U;
    const std::vector<LateQuantity> late = late_of(booking.facts);
    taken.true_up = true_up_of(transaction, fund, late);
    std::vector<FundFact> facts;
    for (StakingFact& staked : booking.facts) {
      if (staked.is_late) ++taken.late;
      if (staked.is_late && taken.true_up.belongs_to_its_days()) staked.fact.books_on = staked.effect.since;
      // The day is struck anew, with what it did not have.
      if (!staked.is_late && day.is_struck) staked.fact.books_on = asked.date;
      // A day before that may be struck first does not have it.
      if (day.taken_before && staked.fact.date <= *day.taken_before)
        staked.fact.books_on = first_open_day(staked.fact.date, day.taken_before, day.closed_through);
      staked.fact.content = fact_content(staked.fact);
      facts.push_back(staked.fact);
    }
    Writer writer(transaction, fund, actor, known_time(transaction, fund.id, now));
    if (!facts.empty()) taken.facts = record_facts_in(transaction, fund, facts, actor, now).recorded;
    writer.booked(due, booking);
    bring_to_own_days(transaction, fund, day.closed_through, {actor, now}, late, taken.true_up);
    if (taken.late > 0)
      writer.late(booking.facts, prices, taken.true_up,
                  first_open_day(*day.last_struck, day.last_struck, day.closed_through));
    const std::size_t moved = day.moves || day.is_first ? writer.cut_offs(asked.date, day.cut_offs) : 0;
    if (taken.true_up.is_error) writer.announce("nav_error_opened", asked.date, taken);
    if (taken.events > 0 || moved > 0) writer.announce("staking_taken", asked.date, taken);
    return taken;
  });
}

}  // namespace navkeeper::nav
