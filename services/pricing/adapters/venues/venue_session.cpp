#include "services/pricing/adapters/venues/venue_session.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/crypto/digest.h"

namespace navkeeper::pricing::venues {
namespace {

using Kind = SessionNote::Kind;

}  // namespace

time::Duration VenueSession::doubled(time::Duration first, int times, time::Duration most) {
  time::Duration span = first;
  for (; times > 0 && span < most; --times) span = span * 2;
  return std::min(span, most);
}

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
                           const time::Clock* connection_clock, VenueClocks* venue_clocks)
    : protocol_(protocol),
      sink_(sink),
      clock_(clock),
      connection_clock_(connection_clock != nullptr ? *connection_clock : clock),
      venue_clocks_(venue_clocks),
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
  market.swept_ns = market.order.last_ns();
  if (numbered()) return;
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
  if (frame_.said_ns) hear_time(*frame_.said_ns, true);
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
    const std::uint64_t strays = market.order.strays();
    const std::uint64_t next = market.order.next_number();
    const std::int64_t last_ns = market.order.last_ns();
    const auto hole = market.order.hole();
    market.delivered = market.delivered || source != TradeSource::kHistory;
    if (source != TradeSource::kHistory && sweeps()) remember_streamed(market, trade.exchange_ns);
    switch (market.order.offer({trade, received_ns, source, late, message_hash}, ready_)) {
      case TradeOrder::Verdict::kTaken:
        ++taken;
        hear_time(trade.exchange_ns, source == TradeSource::kLive);
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
      case TradeOrder::Verdict::kAstray:
        ++taken;
        break;
      case TradeOrder::Verdict::kAnew:
        ++taken;
        hear_time(trade.exchange_ns, source == TradeSource::kLive);
        begin_anew(trade.instrument, trade, next, last_ns, hole);
        break;
    }
    if (market.order.strays() != strays) {
      counters_.astray += market.order.strays() - strays;
      note(Kind::kAstray, trade.instrument,
           std::string(market.order.stray_id().text()) + " where " + std::to_string(next) + " was to come");
    }
    if (market.order.overflows() != overflows) {
      ++counters_.gaps_abandoned;
      const bool known = market.repair && !market.repair->sweep;
      const auto [first, last] = known  ? ends_of(market.repair->gap)
                                 : hole ? std::pair(hole->first, hole->last)
                                        : std::pair<std::uint64_t, std::uint64_t>();
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
  heal_dates();
  look_for_holes();
  begin_sweeps();
  begin_again();
  work_on_repairs();
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
  if (market.order.in_doubt() || market.order.hole() || market.order.gap_open() ||
      (market.repair && !market.repair->sweep))
    return std::nullopt;
  const auto proven = proven_date();
  if (!proven) return std::nullopt;
  std::int64_t until = (*proven - limits_.history_lag).ns();
  if (sweeps()) until = std::min(until, shown_until(market));
  // Begun by a clock that is ahead of the venues: nothing is known to be whole yet.
  if (venue_clocks_ != nullptr && until < *market.whole_from_ns) return std::nullopt;
  return WholeSpan{*market.whole_from_ns, std::max(*market.whole_from_ns, until)};
}

std::optional<time::Instant> VenueSession::proven_date() const {
  if (venue_clocks_ == nullptr) return date();
  const auto proven = venue_clocks_->not_before();
  if (!proven) return std::nullopt;
  return std::min(date(), *proven);
}

void VenueSession::hear_time(std::int64_t exchange_ns, bool live) {
  if (venue_clocks_ == nullptr) return;
  const time::Instant said = time::Instant::from_ns(exchange_ns);
  if (said > date() + limits_.said_ahead_max || said < date() - limits_.said_behind_max) return;
  if (live) {
    venue_clocks_->said(std::string(name_of(protocol_.facts().venue)), exchange_ns);
  } else {
    venue_clocks_->remembered(exchange_ns);
  }
}

void VenueSession::heal_dates() {
  if (venue_clocks_ == nullptr) return;
  const std::int64_t at = date().ns();
  for (Market& market : markets_) {
    if (market.whole_from_ns && *market.whole_from_ns > at) market.whole_from_ns = at;
    if (market.swept_ns && *market.swept_ns > at) market.swept_ns = at;
  }
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
