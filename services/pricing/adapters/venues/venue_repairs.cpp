// The part of VenueSession that repairs: holes that numbers show, histories compared with the stream, gaps
// that were given up and are asked for again, and the requests for all of them.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "services/pricing/adapters/venues/venue_session.h"

namespace navkeeper::pricing::venues {
namespace {

using Kind = SessionNote::Kind;

/// Holes that lie so close together are fetched together: a page of most venues.
constexpr std::uint64_t kNumbersOfARequest = 1'000;

/// Of the stream's trades one time in each such span is remembered, and so many: more than ten seconds.
constexpr std::int64_t kStreamedStep = 10'000'000;
constexpr std::size_t kStreamedMax = 1'024;
constexpr std::int64_t kWholeSecond = 1'000'000'000;

}  // namespace

void VenueSession::begin_sweeps() {
  if (!sweeps() || state_ != State::kLive) return;
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    Market& market = markets_[i];
    if (market.repair || now() < market.sweep_at) continue;
    // What no venue's time proves has not come yet; before any is named, the history may name one.
    const std::int64_t until = (proven_date().value_or(date()) - limits_.history_lag).ns();
    market.sweep_at = now() + limits_.sweep_pause;
    const std::int64_t shown = shown_until(market);
    if (until - shown < limits_.sweep_every.ns()) continue;
    Repair& repair = market.repair.emplace();
    repair.sweep = true;
    repair.gap.instrument = i;
    repair.gap.from_ns = std::max<std::int64_t>(shown - limits_.overlap.ns(), 1);
    repair.gap.until_ns = until;
    repair.cursor = protocol_.begin_backfill(repair.gap);
    repair.due = now();
    for (const std::int64_t streamed : market.streamed) {
      if (repair.gap.from_ns <= streamed && streamed <= until)
        repair.streamed_ns = std::max(repair.streamed_ns, streamed);
    }
    if (venue_clocks_ != nullptr) repair.begun_steady = venue_clocks_->steady_now();
  }
}

void VenueSession::remember_streamed(Market& market, std::int64_t exchange_ns) {
  std::deque<std::int64_t>& streamed = market.streamed;
  if (!streamed.empty() && std::abs(exchange_ns - streamed.back()) < kStreamedStep) return;
  streamed.push_back(exchange_ns);
  if (streamed.size() > kStreamedMax) streamed.pop_front();
}

void VenueSession::finish_sweep(std::uint16_t position) {
  Market& market = markets_[position];
  const Repair repair = *market.repair;
  const auto from = static_cast<std::uint64_t>(repair.gap.from_ns);
  const auto until = static_cast<std::uint64_t>(repair.gap.until_ns);
  std::optional<std::int64_t> compared = repair.gap.until_ns;
  if (venue_clocks_ != nullptr) {
    const auto asked = venue_clocks_->not_before(repair.begun_steady);
    if (asked) compared = std::min(*compared, (*asked - limits_.history_lag).ns());
    if (!asked) compared.reset();
  }
  // A history without what the stream brought last lags: what it does not tell yet, it does not disprove.
  const bool lags = repair.streamed_ns > repair.held_ns + (repair.held_coarsely ? kWholeSecond - 1 : 0);
  if (lags && compared) compared = std::min(*compared, repair.held_ns - 1);
  const std::int64_t before = *market.swept_ns;
  if (compared) market.swept_ns = venue_clocks_ == nullptr && !lags ? *compared : std::max(before, *compared);
  if (lags && *market.swept_ns == before)
    note(Kind::kRestFailed, position, "the history does not have what the stream brought");
  market.repair.reset();
  forget_request(position);
  if (repair.found > 0) {
    ++counters_.gaps;
    note(Kind::kGapFound, position, std::to_string(repair.found) + " trades were not in the stream", from,
         until);
    note(Kind::kGapClosed, position, {}, from, until);
  }
  if (repair.incomplete) {
    ++counters_.gaps_abandoned;
    ++counters_.gaps_lost;
    note(Kind::kGapAbandoned, position, "the venue's history is too short", from, until);
    note(Kind::kGapLost, position, "the venue's history is too short", from, until);
  }
}

std::pair<std::uint64_t, std::uint64_t> VenueSession::ends_of(const Gap& gap) const {
  if (numbered()) return {gap.number_first, gap.number_last};
  return {static_cast<std::uint64_t>(gap.from_ns), static_cast<std::uint64_t>(gap.until_ns)};
}

void VenueSession::leave_for_later(std::uint16_t position, const Gap& gap) {
  std::deque<LeftGap>& left = markets_[position].left;
  if (left.size() >= limits_.again_gaps_max || limits_.again_attempts_max == 0) {
    const auto [first, last] = ends_of(gap);
    ++counters_.gaps_lost;
    return note(Kind::kGapLost, position, "too many gaps wait to be asked for again", first, last);
  }
  left.push_back({gap, now() + limits_.again_first});
}

void VenueSession::begin_again() {
  if (state_ != State::kLive) return;
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    Market& market = markets_[i];
    if (market.repair || market.left.empty()) continue;
    const auto next = std::min_element(market.left.begin(), market.left.end(),
                                       [](const LeftGap& a, const LeftGap& b) { return a.due < b.due; });
    if (now() < next->due) continue;
    std::iter_swap(next, market.left.begin());
    Repair& repair = market.repair.emplace();
    repair.sweep = repair.again = true;
    repair.gap = market.left.front().gap;
    repair.cursor = protocol_.begin_backfill(repair.gap);
    repair.due = now();
  }
}

void VenueSession::finish_again(std::uint16_t position) {
  Market& market = markets_[position];
  const Repair repair = *market.repair;
  const auto [first, last] = ends_of(repair.gap);
  if (repair.incomplete && !numbered()) return lose_left(position, "the venue's history is too short");
  if (numbered() && repair.numbers.size() <= last - first)
    return put_off(position, "the history does not have all of it yet");
  market.left.pop_front();
  market.repair.reset();
  forget_request(position);
  note(Kind::kGapClosed, position, "asked for again: " + std::to_string(repair.found) + " trades came", first,
       last);
}

void VenueSession::put_off(std::uint16_t position, std::string_view why) {
  Market& market = markets_[position];
  LeftGap& left = market.left.front();
  if (++left.attempts >= limits_.again_attempts_max) return lose_left(position, why);
  left.due = now() + doubled(limits_.again_first, left.attempts, limits_.again_max);
  market.repair.reset();
  forget_request(position);
}

void VenueSession::lose_left(std::uint16_t position, std::string_view why) {
  Market& market = markets_[position];
  const LeftGap left = market.left.front();
  const auto [first, last] = ends_of(left.gap);
  market.left.pop_front();
  market.repair.reset();
  forget_request(position);
  ++counters_.gaps_lost;
  note(Kind::kGapLost, position,
       "asked for again " + std::to_string(left.attempts) + " times: " + std::string(why), first, last);
}

void VenueSession::look_for_holes() {
  if (!numbered()) return;
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    Market& market = markets_[i];
    const auto hole = market.order.hole();
    if (!hole) {
      market.hole_since.reset();
      if (market.repair && !market.repair->sweep) close_repair(i);
      continue;
    }
    if (market.repair && market.repair->sweep) {  // What is missing now comes first.
      market.repair.reset();
      forget_request(i);
    }
    if (market.repair && market.repair->gap.number_first <= hole->first &&
        hole->first <= market.repair->gap.number_last) {
      continue;
    }
    if (market.repair) close_repair(i);  // That one is filled; this one lies behind it.
    if (!market.hole_since || market.hole_first != hole->first) {
      market.hole_since = now();
      market.hole_first = hole->first;
    }
    if (now() - *market.hole_since < limits_.reorder_grace) continue;
    Repair& repair = market.repair.emplace();
    const std::uint64_t last =
        std::max(hole->last, market.order.last_missing(hole->first + kNumbersOfARequest));
    repair.gap = {i,
                  hole->first,
                  last,
                  std::max<std::int64_t>(hole->from_ns - limits_.overlap.ns(), 1),
                  hole->until_ns > 0 && last == hole->last ? hole->until_ns : date().ns(),
                  market.order.last_id()};
    repair.cursor = protocol_.begin_backfill(repair.gap);
    repair.due = now();
    ++counters_.gaps;
    note(Kind::kGapFound, i, {}, hole->first, last);
  }
}

void VenueSession::work_on_repairs() {
  if (state_ == State::kStopped) return;
  const time::Instant at = now();
  if (request_ && at - request_->sent_at >= limits_.request_max) {
    const std::uint16_t market = request_->market;
    request_.reset();
    repair_failed(market, "no answer in time");
  }
  if (request_) return;
  // The one that is due first; so no market waits for ever behind another's failures.
  std::optional<std::uint16_t> chosen;
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    const auto& repair = markets_[i].repair;
    if (!repair || repair->waits_for_live || repair->due > at) continue;
    if (!chosen || repair->due < markets_[*chosen].repair->due) chosen = i;
  }
  if (!chosen) return;
  Repair& repair = *markets_[*chosen].repair;
  auto request = protocol_.backfill_request(repair.gap, repair.cursor, date());
  if (!request) return repair.again ? lose_left(*chosen, "the venue has no history") : abandon(*chosen);
  if (!bucket_.take(at)) return;
  ++counters_.requests;
  request_ = Request{++last_request_id_, *chosen, at};
  act({.kind = SessionAction::Kind::kRequest,
       .request = std::move(*request),
       .request_id = last_request_id_});
}

void VenueSession::on_answer(std::uint64_t request_id, int status, std::string_view body) {
  if (!request_ || request_->id != request_id) return;
  const std::uint16_t position = request_->market;
  request_.reset();
  Market& market = markets_[position];
  if (market.repair && !market.repair->waits_for_live) {
    if (status == 200) {
      finish_page(position, protocol_.read_backfill(body, market.repair->gap, market.repair->cursor), body);
    } else {
      repair_failed(position, "status " + std::to_string(status));
    }
  }
  look_for_holes();
  work_on_repairs();
}

void VenueSession::finish_page(std::uint16_t position, const BackfillPage& page, std::string_view body) {
  Market& market = markets_[position];
  counters_.excluded += page.excluded;
  counters_.refusals += page.refusals.size();
  bool unreadable = false;
  for (const FrameRefusal& refusal : page.refusals) {
    note(Kind::kRefused, position, std::string(describe(refusal.problem)) + " " + refusal.field);
    unreadable = unreadable || refusal.problem == Problem::kNotJson ||
                 refusal.problem == Problem::kUnknownMessage ||
                 refusal.problem == Problem::kUnknownInstrument;
  }
  if (unreadable) return repair_failed(position, "the answer cannot be read");
  std::vector<RawTrade> trades;
  const bool by_number = market.repair->gap.number_first > 0;
  for (const RawTrade& trade : page.trades) {
    if (market.repair->held_ns < trade.exchange_ns) {
      market.repair->held_ns = trade.exchange_ns;
      market.repair->held_coarsely = trade.coarse_time;
    }
    // Pages reach beyond the gap; before the first trade that ever counted there is nothing that we want.
    if (by_number ? trade.number >= market.repair->gap.number_first &&
                        (!market.repair->again || trade.number <= market.repair->gap.number_last)
                  : trade.exchange_ns >= market.repair->gap.from_ns &&
                        (!market.repair->sweep || trade.exchange_ns <= market.repair->gap.until_ns)) {
      trades.push_back(trade);
    }
  }
  // Of numbered trades that the stream left out at its end the numbers say how far they are whole.
  const bool late = market.repair->sweep && (market.repair->again || !numbered());
  const std::uint64_t found = take_trades(trades, TradeSource::kHistory, body, late);
  if (!market.repair) return;  // It was given up meanwhile: too much waited.
  Repair& repair = *market.repair;
  repair.found += found;
  if (repair.again && numbered()) {
    for (const RawTrade& trade : trades) repair.numbers.insert(trade.number);
  }
  repair.incomplete = repair.incomplete || page.incomplete;
  if (!page.done && ++repair.pages < limits_.pages_max) {
    repair.cursor = page.next;
    repair.due = now();
    return;
  }
  if (!page.done) repair.incomplete = true;
  if (repair.again) return finish_again(position);
  if (repair.sweep) return finish_sweep(position);
  if (numbered()) {
    const auto hole = market.order.hole();
    const bool filled = !hole || hole->first > repair.gap.number_last;
    if (!filled) repair_failed(position, "the history does not have all of it yet");
    return;  // look_for_holes closes it.
  }
  market.order.close_gap(ready_);
  give_ready();
  if (repair.incomplete) {
    ++counters_.gaps_abandoned;
    ++counters_.gaps_lost;
    const auto [first, last] = ends_of(repair.gap);
    note(Kind::kGapAbandoned, position, "the venue's history is too short", first, last);
    note(Kind::kGapLost, position, "the venue's history is too short", first, last);
  }
  close_repair(position);
}

void VenueSession::repair_failed(std::uint16_t position, std::string_view why) {
  Market& market = markets_[position];
  if (!market.repair) return;
  note(Kind::kRestFailed, position, std::string(why));
  Repair& repair = *market.repair;
  if (repair.again) return put_off(position, why);
  if (repair.sweep) {  // The next one covers the same span and more.
    market.repair.reset();
    return;
  }
  if (++repair.attempts >= limits_.attempts_max) return abandon(position);
  repair.cursor = protocol_.begin_backfill(repair.gap);
  repair.pages = 0;
  repair.due = now() + doubled(limits_.retry_first, repair.attempts - 1, limits_.retry_max);
}

void VenueSession::abandon(std::uint16_t position) {
  Market& market = markets_[position];
  ++counters_.gaps_abandoned;
  if (numbered()) {
    const auto hole = market.order.hole();
    note(Kind::kGapAbandoned, position, {}, hole ? hole->first : 0, hole ? hole->last : 0);
    if (state_ != State::kStopped && market.repair && hole) {
      Gap gap = market.repair->gap;
      gap.number_first = hole->first;
      gap.number_last = hole->last;
      leave_for_later(position, gap);
    }
    // One hole at a time while the service runs; all of them when it stops.
    do market.order.abandon_hole(ready_);
    while (state_ == State::kStopped && market.order.hole());
  } else {
    Gap gap = market.repair ? market.repair->gap : Gap{};
    if (!market.repair || market.repair->waits_for_live) gap.until_ns = date().ns();
    note(Kind::kGapAbandoned, position, {}, static_cast<std::uint64_t>(gap.from_ns),
         static_cast<std::uint64_t>(gap.until_ns));
    if (state_ != State::kStopped && market.repair) leave_for_later(position, gap);
    market.order.close_gap(ready_);
  }
  market.repair.reset();
  market.hole_since.reset();
  forget_request(position);
  give_ready();
}

void VenueSession::close_repair(std::uint16_t position) {
  const Gap& gap = markets_[position].repair->gap;
  note(Kind::kGapClosed, position, {},
       numbered() ? gap.number_first : static_cast<std::uint64_t>(gap.from_ns),
       numbered() ? gap.number_last : static_cast<std::uint64_t>(gap.until_ns));
  markets_[position].repair.reset();
  forget_request(position);
}

void VenueSession::begin_anew(std::uint16_t position, const RawTrade& first, std::uint64_t next,
                              std::int64_t last_ns, const std::optional<TradeOrder::Hole>& hole) {
  Market& market = markets_[position];
  market.repair.reset();
  market.hole_since.reset();
  forget_request(position);
  note(Kind::kBeganAnew, position,
       std::string(first.id.text()) + " came where " + std::to_string(next) + " was to come");
  for (const LeftGap& left : market.left) {
    ++counters_.gaps_lost;
    note(Kind::kGapLost, position, "the numbers began anew", left.gap.number_first, left.gap.number_last);
  }
  market.left.clear();
  // Whether something lies between the old numbers and the new ones nobody can say: it is a gap in time.
  const auto from = static_cast<std::uint64_t>(hole ? hole->from_ns : last_ns);
  const auto until = static_cast<std::uint64_t>(std::max(first.exchange_ns, last_ns));
  ++counters_.gaps_abandoned;
  ++counters_.gaps_lost;
  for (const Kind kind : {Kind::kGapAbandoned, Kind::kGapLost})
    note(kind, position, "the numbers began anew", from, until);
  market.whole_from_ns = std::max(proven_date().value_or(date()).ns(), first.exchange_ns);
}

void VenueSession::forget_request(std::uint16_t position) {
  if (request_ && request_->market == position) request_.reset();
}

}  // namespace navkeeper::pricing::venues
