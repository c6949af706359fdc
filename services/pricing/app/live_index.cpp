#include "services/pricing/app/live_index.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

time::Instant second_of(time::Instant at) {
  std::int64_t rest = at.ns() % kSecondNs;
  if (rest < 0) rest += kSecondNs;
  return time::Instant::from_ns(at.ns() - rest);
}

std::vector<Level> levels_of(const Ladder& ladder) {
  std::vector<Level> levels;
  levels.reserve(ladder.size());
  for (std::size_t i = 0; i < ladder.size(); ++i) levels.push_back(ladder.best(i));
  return levels;
}

/// The flags by venue, for an index whose list of venues may have changed.
ScreenState carried_screen(const RealTimeDefinition& to, const std::vector<model::VenueId>& venues,
                           const ScreenState& screen) {
  ScreenState carried{std::vector<bool>(to.venues.size(), false)};
  for (std::size_t i = 0; i < to.venues.size(); ++i) {
    const auto found = std::find(venues.begin(), venues.end(), to.venues[i]);
    if (found != venues.end())
      carried.dropped[i] = screen.dropped[static_cast<std::size_t>(found - venues.begin())];
  }
  return carried;
}

}  // namespace

LiveIndex::LiveIndex(time::Instant start) : closed_(second_of(start)) {}

template <class Use>
void LiveIndex::each_index_of(const Market& market, Use use) {
  for (auto& [name, slot] : slots_) {
    if (!slot.index || slot.index->definition().pair != market.second) continue;
    const auto& venues = slot.index->definition().venues;
    const auto found = std::find(venues.begin(), venues.end(), market.first);
    if (found != venues.end()) use(*slot.index, static_cast<std::size_t>(found - venues.begin()));
  }
}

void LiveIndex::snapshot(const model::VenueId& venue, const model::PairId& pair, time::Instant received_at,
                         const OrderBook& book) {
  ENSURE(book.scale() == BookScale{});
  const std::lock_guard lock(mutex_);
  close_before(received_at);
  ++counters_.events;
  const Market market{venue, pair};
  Book& known = books_[market];
  known = {book, received_at};
  const auto bids = levels_of(book.bids());
  const auto asks = levels_of(book.asks());
  each_index_of(market, [&](RealTimeIndex& index, std::size_t position) {
    index.forget(position);
    if (index.snapshot(position, received_at, bids, asks)) ++counters_.refused;
  });
}

void LiveIndex::change(const model::VenueId& venue, const model::PairId& pair, time::Instant received_at,
                       const OrderBook& book, std::span<const TouchedLevel> touched) {
  ENSURE(book.scale() == BookScale{});
  const std::lock_guard lock(mutex_);
  close_before(received_at);
  const Market market{venue, pair};
  const auto found = books_.find(market);
  if (found == books_.end()) return;  // Never begun with a snapshot, or lost since.
  ++counters_.events;
  // Applies one level everywhere; a size of zero takes it away.
  const auto apply = [&](Side side, Level level) {
    if (found->second.book.update(side, level)) ++counters_.refused;
    each_index_of(market, [&](RealTimeIndex& index, std::size_t position) {
      if (index.update(position, received_at, side, level)) ++counters_.refused;
    });
  };
  for (const TouchedLevel& level : touched)
    apply(level.side, {level.ticks, book.ladder(level.side).lots_at(level.ticks)});
  for (const Side side : {Side::kBid, Side::kAsk}) {
    const Ladder& ours = found->second.book.ladder(side);
    while (ours.size() > book.ladder(side).size()) apply(side, {ours.best(ours.size() - 1).ticks, 0});
  }
  // A message that touched nothing was heard too.
  found->second.heard_at = std::max(found->second.heard_at, received_at);
  each_index_of(market,
                [&](RealTimeIndex& index, std::size_t position) { index.heard(position, received_at); });
}

void LiveIndex::heard(const model::VenueId& venue, time::Instant received_at) {
  const std::lock_guard lock(mutex_);
  close_before(received_at);
  for (auto& [market, book] : books_) {
    if (market.first != venue) continue;
    book.heard_at = std::max(book.heard_at, received_at);
    each_index_of(market,
                  [&](RealTimeIndex& index, std::size_t position) { index.heard(position, received_at); });
  }
}

void LiveIndex::lost(const model::VenueId& venue, const model::PairId& pair, time::Instant received_at) {
  const std::lock_guard lock(mutex_);
  close_before(received_at);
  ++counters_.events;
  const Market market{venue, pair};
  books_.erase(market);
  each_index_of(market, [](RealTimeIndex& index, std::size_t position) { index.forget(position); });
}

void LiveIndex::use(const std::vector<StoredRealTimeFile>& files,
                    const std::function<std::optional<RealTimeRecord>(const std::string&)>& last) {
  for (const StoredRealTimeFile& file : files) {
    const std::string& name = file.file.id.value();
    {
      const std::lock_guard lock(mutex_);
      const auto found = slots_.find(name);
      if (found != slots_.end()) {
        Slot& slot = found->second;
        if (slot.file.version == file.version) continue;
        // The old rules live in the old file: what the new ones take over is copied by prepare() from the old
        // index, which has them by value.
        slot.file = file;
        slot.rules = nullptr;
        continue;
      }
    }
    auto stored = last(name);  // Outside the lock: it asks the database.
    const std::lock_guard lock(mutex_);
    if (stored) last_stored_.emplace(name, *std::move(stored));
    slots_.emplace(name, Slot{file, nullptr, std::nullopt, std::nullopt, 0});
  }
}

void LiveIndex::advance(time::Instant now) {
  const std::lock_guard lock(mutex_);
  const time::Instant second = second_of(now);
  if (second > closed_) close(second);
}

std::vector<ClosedSecond> LiveIndex::take() {
  const std::lock_guard lock(mutex_);
  std::vector<ClosedSecond> taken(std::make_move_iterator(waiting_.begin()),
                                  std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  return taken;
}

void LiveIndex::take_over(
    const std::function<std::optional<RealTimeRecord>(const std::string& index)>& last) {
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, slot] : slots_) names.push_back(name);
  }
  std::map<std::string, RealTimeRecord> stored;
  for (const std::string& name : names) {  // Outside the lock: it asks the database.
    if (auto record = last(name)) stored.emplace(name, *std::move(record));
  }
  const std::lock_guard lock(mutex_);
  waiting_.clear();
  for (auto& [name, record] : stored) {
    closed_ = std::max(closed_, second_of(record.at));
    last_stored_.insert_or_assign(name, std::move(record));
  }
  for (auto& [name, slot] : slots_) {  // prepare() makes them anew from the books and what was stored.
    slot.rules = nullptr;
    slot.index.reset();
    slot.evidence.reset();
  }
}

void LiveIndex::go_back_to(time::Instant second) {
  const std::lock_guard lock(mutex_);
  if (second_of(second) >= closed_) return;
  closed_ = second_of(second);
  waiting_.clear();
  for (auto& [market, book] : books_) book.heard_at = std::min(book.heard_at, closed_);
  for (auto& [name, slot] : slots_) {  // Made again from the books; the screen goes on.
    slot.evidence.reset();
    if (!slot.index || slot.rules == nullptr) continue;  // prepare() makes it anew.
    const ScreenState screen = slot.index->screen();
    slot.index.emplace(*slot.rules, screen);
    for (const auto& [market, book] : books_) {
      if (market.second == slot.rules->pair) fill(slot, market, book);
    }
  }
}

void LiveIndex::start_anew() {
  const std::lock_guard lock(mutex_);
  waiting_.clear();
  for (auto& [name, slot] : slots_) slot.evidence.reset();
}

LiveIndex::Counters LiveIndex::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

time::Instant LiveIndex::last_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void LiveIndex::close_before(time::Instant at) {
  const time::Instant second = second_of(at);
  if (second > closed_) close(second);
}

/// The rules of the day, and an index by them.
void LiveIndex::prepare(Slot& slot, time::Instant second) {
  const RealTimeDefinition* const rules = rules_at(slot.file.file, second);
  if (rules == slot.rules && slot.index.has_value() == (rules != nullptr)) return;
  std::optional<ScreenState> screen;
  if (rules != nullptr) {
    const auto stored = last_stored_.find(slot.file.file.id.value());
    if (slot.index) {
      screen = carried_screen(*rules, slot.index->definition().venues, slot.index->screen());
    } else if (stored != last_stored_.end() && stored->second.file_version == slot.file.version) {
      if (const RealTimeDefinition* const then = rules_at(slot.file.file, stored->second.at))
        screen = carried_screen(*rules, then->venues, screen_of(stored->second.screen_after));
    }
  }
  slot.rules = rules;
  slot.index.reset();
  slot.evidence.reset();
  if (rules == nullptr) return;
  slot.index.emplace(*rules, std::move(screen));
  for (const auto& [market, book] : books_) {
    if (market.second == rules->pair) fill(slot, market, book);
  }
}

void LiveIndex::fill(Slot& slot, const Market& market, const Book& book) {
  const auto& venues = slot.rules->venues;
  const auto found = std::find(venues.begin(), venues.end(), market.first);
  if (found == venues.end()) return;
  const auto position = static_cast<std::size_t>(found - venues.begin());
  if (slot.index->snapshot(position, book.heard_at, levels_of(book.book.bids()), levels_of(book.book.asks())))
    ++counters_.refused;
}

void LiveIndex::close(time::Instant second) {
  counters_.skipped += static_cast<std::uint64_t>((second.ns() - closed_.ns()) / kSecondNs - 1);
  closed_ = second;
  ClosedSecond made{second, {}};
  for (auto& [name, slot] : slots_) {
    prepare(slot, second);
    if (!slot.index) continue;
    const ScreenState before = slot.index->screen();
    ClosedSecond::Value one{*slot.rules, slot.file.version, slot.index->value_at(second), {}};
    BookEvidence evidence = evidence_of(*slot.index, one.value);
    // A day's seconds are kept, and given up, without those of the day before.
    const time::Date day = time::utc_date(second);
    const bool is_key = !slot.evidence || slot.to_key <= 0 || slot.evidence_day != day;
    one.record = record_of(slot.file.file.id, slot.file.version, *slot.rules, one.value, before, is_key,
                           encode_evidence(evidence, is_key ? nullptr : &*slot.evidence, second));
    slot.evidence = std::move(evidence);
    slot.evidence_day = day;
    slot.to_key = is_key ? kKeyEverySeconds - 1 : slot.to_key - 1;
    made.values.push_back(std::move(one));
  }
  ++counters_.seconds;
  if (made.values.empty()) return;
  if (waiting_.size() < kWaitingMax) {
    waiting_.push_back(std::move(made));
    return;
  }
  ++counters_.given_up;
  // What was given up is not there to build on.
  for (auto& [name, slot] : slots_) slot.evidence.reset();
}

}  // namespace navkeeper::pricing
