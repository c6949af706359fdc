#include "services/pricing/adapters/venues/venue_session.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/crypto/digest.h"

namespace navkeeper::pricing::venues {
namespace {

using Kind = SessionNote::Kind;

/// Holes that lie so close together are fetched together: a page of most venues.
constexpr std::uint64_t kNumbersOfARequest = 1'000;

time::Duration doubled(time::Duration first, int times, time::Duration most) {
  time::Duration span = first;
  for (; times > 0 && span < most; --times) span = span * 2;
  return std::min(span, most);
}

}  // namespace

bool TokenBucket::take(time::Instant now) {
  if (!started_ || now < refilled_at_) {
    started_ = true;
    refilled_at_ = now;
  }
  while (tokens_ < limit_.burst && now - refilled_at_ >= limit_.refill) {
    ++tokens_;
    refilled_at_ = refilled_at_ + limit_.refill;
  }
  if (tokens_ == limit_.burst) refilled_at_ = now;
  if (tokens_ == 0) return false;
  --tokens_;
  return true;
}

time::Instant TokenBucket::next(time::Instant now) const {
  return tokens_ > 0 || !started_ ? now : std::max(now, refilled_at_ + limit_.refill);
}

VenueSession::VenueSession(VenueProtocol& protocol, SessionSink& sink, const time::Clock& clock,
                           std::function<std::uint64_t()> random, SessionLimits limits,
                           const time::Clock* connection_clock)
    : protocol_(protocol),
      sink_(sink),
      clock_(clock),
      connection_clock_(connection_clock != nullptr ? *connection_clock : clock),
      random_(std::move(random)),
      limits_(limits),
      bucket_(protocol.facts().rest_limit) {
  const auto depth = static_cast<std::size_t>(protocol.book_depth());
  for (std::size_t i = 0; i < protocol.instruments().size(); ++i) {
    markets_.push_back(
        {.order = TradeOrder(protocol.facts().gap_rule, limits_.order), .book = LiveBook(depth)});
  }
}

void VenueSession::resume(std::span<const RawTrade> recent) {
  ENSURE(state_ == State::kStopped && !recent.empty() && recent.back().instrument < markets_.size());
  Market& market = markets_[recent.back().instrument];
  market.order.resume(recent);
  market.whole_from_ns = market.order.last_ns();
  if (!sweeps()) return;
  // What the stream left out shortly before the end was not looked for any more.
  market.swept_ns = market.whole_from_ns =
      std::min(market.order.last_ns() - limits_.resume_sweep.ns(), recent.front().exchange_ns);
}

void VenueSession::ask_again(const Gap& gap) {
  ENSURE(state_ == State::kStopped && gap.instrument < markets_.size());
  const TradeOrder& order = markets_[gap.instrument].order;
  if (!order.knows_last()) return;  // The tape of this market begins anew.
  const bool covered = numbered() ? gap.number_last >= order.next_number()
                                  : gap.until_ns >= order.last_ns() - limits_.overlap.ns();
  if (covered || protocol_.facts().gap_rule == GapRule::kNone) return;
  if (numbered()) markets_[gap.instrument].order.want(gap.number_first, gap.number_last);
  leave_for_later(gap.instrument, gap);
}

void VenueSession::start() {
  ENSURE(state_ == State::kStopped);
  connect();
}

void VenueSession::stop() {
  if (connected() || state_ == State::kConnecting) act({.kind = SessionAction::Kind::kClose});
  state_ = State::kStopped;
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    if (markets_[i].repair && markets_[i].repair->sweep) markets_[i].repair.reset();
    if (markets_[i].repair || markets_[i].order.hole() || markets_[i].order.gap_open()) abandon(i);
  }
  request_.reset();
}

void VenueSession::connect() {
  state_ = State::kConnecting;
  deadline_ = now() + limits_.connect_max;
  act({.kind = SessionAction::Kind::kConnect});
}

void VenueSession::on_connected() {
  if (state_ != State::kConnecting) return;
  note(Kind::kConnected);
  connection_sequence_.reset();
  heard_at_ = now();
  state_ = State::kSettling;
  deadline_ = now() + protocol_.facts().settle;
  // What was missed in between is asked for once the stream runs; until then nothing new overtakes it.
  if (protocol_.facts().gap_rule == GapRule::kTime) {
    for (std::uint16_t i = 0; i < markets_.size(); ++i) {
      Market& market = markets_[i];
      if (!market.order.knows_last()) continue;
      if (!market.repair) {
        market.repair.emplace();
        ++counters_.gaps;
        const std::int64_t from = market.order.last_ns();
        note(Kind::kGapFound, i, {}, static_cast<std::uint64_t>(from),
             static_cast<std::uint64_t>(date().ns()));
        market.repair->gap.instrument = i;
        market.repair->gap.from_ns = std::max<std::int64_t>(from - limits_.overlap.ns(), 1);
        market.repair->gap.after_id = market.order.last_id();
      }
      market.repair->waits_for_live = true;  // A gap that was open before now reaches to here.
      forget_request(i);
      market.order.open_gap();
    }
  }
  if (protocol_.facts().settle <= time::Duration()) subscribe();
}

void VenueSession::subscribe() {
  state_ = State::kSubscribing;
  complained_ = false;
  for (Market& market : markets_) market.delivered = false;
  for (std::string& text : protocol_.subscribe(date().ns() / 1'000'000)) {
    act({.kind = SessionAction::Kind::kSend, .text = std::move(text)});
  }
  keepalive_at_ = now() + protocol_.facts().keepalive;
  deadline_ = now() + limits_.subscribe_max;
}

void VenueSession::became_live() {
  state_ = State::kLive;
  live_since_ = now();
  note(Kind::kLive);
  for (Market& market : markets_) {
    if (!market.order.knows_last() || !market.whole_from_ns) market.whole_from_ns = date().ns();
    if (!market.repair || !market.repair->waits_for_live) continue;
    Repair& repair = *market.repair;
    repair.waits_for_live = false;
    repair.gap.until_ns = (date() + limits_.history_lag).ns();
    repair.cursor = protocol_.begin_backfill(repair.gap);
    repair.pages = 0;
    repair.due = now() + limits_.history_lag;
  }
  for (Market& market : markets_) {
    if (!market.swept_ns) market.swept_ns = market.order.knows_last() ? market.order.last_ns() : date().ns();
    market.sweep_at = now() + limits_.sweep_pause;
  }
}

void VenueSession::on_frame(std::string_view text) {
  if (!connected()) return;
  heard_at_ = now();
  ++counters_.frames;
  counters_.bytes += text.size();
  const std::int64_t received_ns = date().ns();
  protocol_.read(text, frame_);
  counters_.excluded += frame_.excluded;
  counters_.refusals += frame_.refusal_count();
  for (const FrameRefusal& refusal : frame_.refusals) {
    note(Kind::kRefused, refusal.instrument, std::string(describe(refusal.problem)) + " " + refusal.field);
  }
  if (protocol_.facts().numbered_connection && frame_.connection_sequence) {
    const bool follows = !connection_sequence_ || *connection_sequence_ + 1 == *frame_.connection_sequence;
    connection_sequence_ = frame_.connection_sequence;
    if (!follows) return reconnect("a message of the connection was lost", true);
  }
  if (!frame_.answer.empty()) act({.kind = SessionAction::Kind::kSend, .text = frame_.answer});
  const bool delivers = frame_.subscribed || frame_.heartbeat || !frame_.trades.empty() ||
                        !frame_.books.empty() || !frame_.quotes.empty();
  if (state_ == State::kSubscribing && delivers) became_live();
  take_trades(frame_.trades, frame_.history ? TradeSource::kRecent : TradeSource::kLive, text);
  for (const Reached& reached : frame_.reached) markets_[reached.instrument].order.reached(reached.number);
  for (const Quote& quote : frame_.quotes) sink_.quote(quote, received_ns);
  take_books(received_ns);
  if (!connected()) return;
  if (!frame_.venue_error.empty()) {
    note(Kind::kVenueError, {}, frame_.venue_error);
    complained_ = true;
    if (state_ != State::kLive) return reconnect("the venue refused the subscription", false);
  }
  if (frame_.please_reconnect) return reconnect("the venue asked for it", true);
  if (frame_.fate() == Fate::kReconnect) return reconnect("a frame could not be read", false);
  sink_.heard(received_ns);
  look_for_holes();
  work_on_repairs();
}

std::uint64_t VenueSession::take_trades(std::vector<RawTrade>& trades, TradeSource source,
                                        std::string_view message, bool late) {
  if (trades.empty()) return 0;
  std::uint64_t taken = 0;
  const std::int64_t received_ns = date().ns();
  const MessageHash message_hash = crypto::sha256(message);
  if (numbered() && trades.size() > 1) {  // A list of recent trades may come newest first.
    std::stable_sort(trades.begin(), trades.end(),
                     [](const RawTrade& a, const RawTrade& b) { return a.number < b.number; });
  }
  for (const RawTrade& trade : trades) {
    Market& market = markets_[trade.instrument];
    const std::uint64_t overflows = market.order.overflows();
    market.delivered = market.delivered || source != TradeSource::kHistory;
    switch (market.order.offer({trade, received_ns, source, late, message_hash}, ready_)) {
      case TradeOrder::Verdict::kTaken:
        ++taken;
        break;
      case TradeOrder::Verdict::kDuplicate:
        ++counters_.duplicates;
        break;
      case TradeOrder::Verdict::kContradiction:
        ++counters_.contradictions;
        note(Kind::kContradiction, trade.instrument, std::string(trade.id.text()));
        break;
      case TradeOrder::Verdict::kTooOld:
        ++counters_.too_old;
        note(Kind::kTooOld, trade.instrument, std::string(trade.id.text()));
        break;
    }
    if (market.order.overflows() != overflows) {
      ++counters_.gaps_abandoned;
      const bool known = market.repair && !market.repair->sweep;
      const auto [first, last] =
          known ? ends_of(market.repair->gap) : std::pair<std::uint64_t, std::uint64_t>();
      note(Kind::kGapAbandoned, trade.instrument, "too much waits behind it", first, last);
      if (known) leave_for_later(trade.instrument, market.repair->gap);
      market.repair.reset();
      market.hole_since.reset();
      forget_request(trade.instrument);
    }
  }
  give_ready();
  return taken;
}

void VenueSession::give_ready() {
  counters_.trades += ready_.size();
  for (ReceivedTrade& trade : ready_) {
    if (state_ == State::kStopped) trade.late = true;  // It overtook what was still missing.
    sink_.trade(trade);
  }
  ready_.clear();
}

void VenueSession::take_books(std::int64_t received_ns) {
  for (const BookUpdate& update : frame_.books) {
    Market& market = markets_[update.instrument];
    const bool was_lost = !market.book.valid();
    const auto levels =
        std::span<const BookLevel>(frame_.levels).subspan(update.first_level, update.level_count);
    const auto problem = market.book.apply(update, levels);
    if (!problem) {
      market.resubscriptions = 0;
      sink_.book_changed(update.instrument, market.book, update, levels, received_ns);
    } else if (*problem == Problem::kBookSequence && was_lost && market.resubscriptions > 0 &&
               now() - market.book_asked_at < limits_.subscribe_max) {
      continue;  // What was under way when the book was asked for again.
    } else {
      lose_book(update.instrument, *problem);
      if (!connected()) return;
    }
  }
  for (const FrameRefusal& refusal : frame_.refusals) {
    if (refusal.fate != Fate::kResubscribeBook) continue;
    if (refusal.instrument) {
      lose_book(*refusal.instrument, refusal.problem);
    } else {  // It could not be told whose book it was: none can be relied on.
      for (std::uint16_t i = 0; i < markets_.size() && connected(); ++i) lose_book(i, refusal.problem);
    }
    break;
  }
}

void VenueSession::lose_book(std::uint16_t position, Problem problem) {
  Market& market = markets_[position];
  market.book.clear();
  market.book_asked_at = now();  // The whole book may be lost on the way too: then it is asked for again.
  note(Kind::kBookLost, position, std::string(describe(problem)));
  sink_.book_lost(position);
  if (++market.resubscriptions > limits_.book_resubscriptions_max) {
    market.resubscriptions = 0;
    return reconnect("the book cannot be kept", false);
  }
  for (std::string& text : protocol_.resubscribe_book(position, date().ns() / 1'000'000)) {
    act({.kind = SessionAction::Kind::kSend, .text = std::move(text)});
  }
}

void VenueSession::reconnect(std::string_view reason, bool at_once) {
  if (!connected() && state_ != State::kConnecting) return;
  act({.kind = SessionAction::Kind::kClose});
  note(Kind::kDisconnected, {}, std::string(reason));
  back_off(at_once);
}

void VenueSession::on_disconnected(std::string_view reason) {
  if (!connected() && state_ != State::kConnecting) return;  // The answer to our own closing.
  note(Kind::kDisconnected, {}, std::string(reason.substr(0, 200)));
  back_off(false);
}

void VenueSession::back_off(bool at_once) {
  ++counters_.reconnects;
  const bool was_steady = state_ == State::kLive && now() - live_since_ >= limits_.steady_after;
  if (was_steady) failures_ = 0;
  // Half of the span is certain, the other half is drawn, so that many sessions do not come back together.
  const time::Duration span =
      doubled(limits_.back_off_first, at_once && was_steady ? 0 : failures_, limits_.back_off_max);
  const std::int64_t half = span.ns() / 2;
  const auto drawn = static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(half + 1));
  if (failures_ < 30) ++failures_;
  state_ = State::kBackingOff;
  deadline_ = now() + time::Duration::from_ns(half + drawn);
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    if (markets_[i].repair && markets_[i].repair->sweep) {  // The next one begins where this one did.
      markets_[i].repair.reset();
      forget_request(i);
    }
    if (!markets_[i].book.valid()) continue;
    markets_[i].book.clear();
    sink_.book_lost(i);
  }
}

void VenueSession::on_time() {
  const time::Instant at = now();
  switch (state_) {
    case State::kStopped:
      return;
    case State::kBackingOff:
      if (at >= deadline_) connect();
      break;
    case State::kConnecting:
      if (at >= deadline_) reconnect("connecting took too long", false);
      break;
    case State::kSettling:
      if (at >= deadline_) subscribe();
      break;
    case State::kSubscribing:
    case State::kLive:
      if (state_ == State::kSubscribing && at >= deadline_) {
        reconnect("the subscription delivers nothing", false);
        break;
      }
      if (at - heard_at_ >= protocol_.facts().silence) {
        note(Kind::kSilent);
        reconnect("nothing was heard", false);
        break;
      }
      if (protocol_.facts().keepalive > time::Duration() && at >= keepalive_at_) {
        act({.kind = SessionAction::Kind::kSend, .text = protocol_.keepalive(date().ns() / 1'000'000)});
        keepalive_at_ = at + protocol_.facts().keepalive;
      }
      break;
  }
  look_for_holes();
  begin_sweeps();
  begin_again();
  work_on_repairs();
}

void VenueSession::begin_sweeps() {
  if (!sweeps() || state_ != State::kLive) return;
  for (std::uint16_t i = 0; i < markets_.size(); ++i) {
    Market& market = markets_[i];
    if (market.repair || now() < market.sweep_at) continue;
    const std::int64_t until = (date() - limits_.history_lag).ns();
    market.sweep_at = now() + limits_.sweep_pause;
    if (until - *market.swept_ns < limits_.sweep_every.ns()) continue;
    Repair& repair = market.repair.emplace();
    repair.sweep = true;
    repair.gap.instrument = i;
    repair.gap.from_ns = std::max<std::int64_t>(*market.swept_ns - limits_.overlap.ns(), 1);
    repair.gap.until_ns = until;
    repair.cursor = protocol_.begin_backfill(repair.gap);
    repair.due = now();
  }
}

void VenueSession::finish_sweep(std::uint16_t position) {
  Market& market = markets_[position];
  const Repair repair = *market.repair;
  const auto from = static_cast<std::uint64_t>(repair.gap.from_ns);
  const auto until = static_cast<std::uint64_t>(repair.gap.until_ns);
  market.swept_ns = repair.gap.until_ns;
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
      if (market.repair && !market.repair->again) close_repair(i);
      continue;
    }
    if (market.repair && market.repair->again) {  // What is missing now comes first.
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
    unreadable =
        unreadable || refusal.problem == Problem::kNotJson || refusal.problem == Problem::kUnknownMessage;
  }
  if (unreadable) return repair_failed(position, "the answer cannot be read");
  std::vector<RawTrade> trades;
  for (const RawTrade& trade : page.trades) {
    // Pages reach beyond the gap; before the first trade that ever counted there is nothing that we want.
    if (numbered() ? trade.number >= market.repair->gap.number_first &&
                         (!market.repair->again || trade.number <= market.repair->gap.number_last)
                   : trade.exchange_ns >= market.repair->gap.from_ns &&
                         (!market.repair->sweep || trade.exchange_ns <= market.repair->gap.until_ns)) {
      trades.push_back(trade);
    }
  }
  const std::uint64_t found = take_trades(trades, TradeSource::kHistory, body, market.repair->sweep);
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

void VenueSession::forget_request(std::uint16_t position) {
  if (request_ && request_->market == position) request_.reset();
}

std::optional<WholeSpan> VenueSession::whole(std::uint16_t position) const {
  const Market& market = markets_[position];
  if (state_ != State::kLive || !market.whole_from_ns || protocol_.facts().gap_rule == GapRule::kNone)
    return std::nullopt;
  // What the venue says first of all, such as its recent trades, shows what was missed.
  if (now() - live_since_ < limits_.history_lag || now() - heard_at_ > limits_.heard_within)
    return std::nullopt;
  // It may be this market whose subscription was refused.
  if (complained_ && !market.delivered) return std::nullopt;
  if (market.order.hole() || market.order.gap_open() || (market.repair && !market.repair->sweep))
    return std::nullopt;
  std::int64_t until = (date() - limits_.history_lag).ns();
  if (sweeps()) until = std::min(until, market.swept_ns.value_or(*market.whole_from_ns));
  return WholeSpan{*market.whole_from_ns, std::max(*market.whole_from_ns, until)};
}

time::Instant VenueSession::wake_at() const {
  if (state_ == State::kStopped) return time::Instant::latest();
  time::Instant wake = time::Instant::latest();
  const auto sooner = [&wake](time::Instant at) { wake = std::min(wake, at); };
  if (state_ != State::kLive) sooner(deadline_);
  if (state_ == State::kSubscribing || state_ == State::kLive) {
    sooner(heard_at_ + protocol_.facts().silence);
    if (protocol_.facts().keepalive > time::Duration()) sooner(keepalive_at_);
  }
  if (request_) sooner(request_->sent_at + limits_.request_max);
  for (const Market& market : markets_) {
    if (market.hole_since && !market.repair) sooner(*market.hole_since + limits_.reorder_grace);
    if (sweeps() && state_ == State::kLive && !market.repair) sooner(market.sweep_at);
    if (state_ == State::kLive && !market.repair) {
      for (const LeftGap& left : market.left) sooner(left.due);
    }
    if (market.repair && !market.repair->waits_for_live && !request_) {
      sooner(std::max(market.repair->due, bucket_.next(now())));
    }
  }
  return wake;
}

std::vector<SessionAction> VenueSession::take_actions() { return std::exchange(actions_, {}); }

void VenueSession::note(Kind kind, std::optional<std::uint16_t> market, std::string detail,
                        std::uint64_t first, std::uint64_t last) {
  sink_.note({kind, market, first, last, std::move(detail)});
}

}  // namespace navkeeper::pricing::venues
