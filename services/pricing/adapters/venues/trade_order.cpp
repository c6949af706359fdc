#include "services/pricing/adapters/venues/trade_order.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace navkeeper::pricing::venues {
namespace {

constexpr std::size_t kAbandonedMax = 64;
/// A venue numbers its trades in the order of their times, but for less than this.
constexpr std::int64_t kContradicts = 1'000'000'000;

std::uint64_t mixed(std::uint64_t value) {  // splitmix64's finaliser
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

/// Equal for equal values, however they are written.
std::uint64_t print_of(Exact number) {
  while (number.scale > 0 && number.mantissa % 10 == 0) {
    number.mantissa /= 10;
    --number.scale;
  }
  return mixed(static_cast<std::uint64_t>(number.mantissa) * 31 + static_cast<std::uint64_t>(number.scale));
}

/// Times are left out: a venue's history may have them coarser than its stream.
std::uint64_t print_of(const RawTrade& trade) {
  return mixed(print_of(trade.price) + 3 * print_of(trade.size));
}

}  // namespace

SeenTrades::SeenTrades(std::size_t capacity)
    : entries_(capacity), slots_(std::bit_ceil(2 * capacity)), mask_(slots_.size() - 1) {}

std::size_t SeenTrades::slot_of(const TradeId& id) const {
  std::size_t slot = home(id);
  while (slots_[slot] != 0 && !(entries_[slots_[slot] - 1].id == id)) slot = (slot + 1) & mask_;
  return slot;
}

SeenTrades::Answer SeenTrades::look(const RawTrade& trade) const {
  if (const std::uint32_t found = slots_[slot_of(trade.id)]; found != 0)
    return entries_[found - 1].print == print_of(trade) ? Answer::kSame : Answer::kOther;
  return trade.exchange_ns <= forgotten_until_ns_ ? Answer::kForgotten : Answer::kNew;
}

void SeenTrades::add(const RawTrade& trade) {
  if (slots_[slot_of(trade.id)] != 0) return;
  if (size_ == entries_.size()) forget_oldest();
  const std::size_t place = (oldest_ + size_) % entries_.size();
  entries_[place] = {trade.id, trade.exchange_ns, print_of(trade)};
  slots_[slot_of(trade.id)] = static_cast<std::uint32_t>(place + 1);
  ++size_;
}

void SeenTrades::forget_oldest() {
  const Entry& oldest = entries_[oldest_];
  forgotten_until_ns_ = std::max(forgotten_until_ns_, oldest.exchange_ns);
  std::size_t hole = slot_of(oldest.id);
  // What stands behind the hole and was pushed past it moves into it, so that no search ends too early.
  for (std::size_t next = (hole + 1) & mask_; slots_[next] != 0; next = (next + 1) & mask_) {
    const std::size_t wanted = home(entries_[slots_[next] - 1].id);
    if (((next - wanted) & mask_) < ((next - hole) & mask_)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = 0;
  oldest_ = (oldest_ + 1) % entries_.size();
  --size_;
}

void TradeOrder::resume(std::span<const RawTrade> recent) {
  for (const RawTrade& trade : recent) seen_.add(trade);
  const RawTrade& last = recent.back();
  last_ns_ = last.exchange_ns;
  last_id_ = last.id;
  if (rule_ == GapRule::kDenseNumber) next_ = last.number + 1;
}

TradeOrder::Verdict TradeOrder::offer(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready) {
  if (rule_ == GapRule::kDenseNumber) return offer_numbered(received, ready);
  switch (seen_.look(received.trade)) {
    case SeenTrades::Answer::kSame:
      return Verdict::kDuplicate;
    case SeenTrades::Answer::kOther:
      return give_late(received, Verdict::kContradiction, ready);
    case SeenTrades::Answer::kForgotten:
      return give_late(received, Verdict::kTooOld, ready);
    case SeenTrades::Answer::kNew:
      break;
  }
  seen_.add(received.trade);
  if (!gap_open_) {
    give(received, ready);
    return Verdict::kTaken;
  }
  waiting_.push_back(received);
  if (waiting_.size() > limits_.waiting_max) {
    ++overflows_;
    close_gap(ready);
  }
  return Verdict::kTaken;
}

TradeOrder::Verdict TradeOrder::give_late(const ReceivedTrade& received, Verdict verdict,
                                          std::vector<ReceivedTrade>& ready) {
  ready.push_back(received);
  ready.back().late = true;
  return verdict;
}

TradeOrder::Verdict TradeOrder::give_astray(const ReceivedTrade& received,
                                            std::vector<ReceivedTrade>& ready) {
  ++strays_;
  stray_id_ = received.trade.id;
  return give_late(received, Verdict::kAstray, ready);
}

TradeOrder::Verdict TradeOrder::offer_numbered(const ReceivedTrade& received,
                                               std::vector<ReceivedTrade>& ready) {
  const std::uint64_t number = received.trade.number;
  const auto known = seen_.look(received.trade);
  if (known == SeenTrades::Answer::kOther) {
    pass_over(number, ready);
    return give_late(received, Verdict::kContradiction, ready);
  }
  if (known == SeenTrades::Answer::kSame) {
    pass_over(number, ready);
    return Verdict::kDuplicate;
  }
  if (next_ == 0) next_ = number;
  if (number < next_) {
    if (known == SeenTrades::Answer::kForgotten) return give_late(received, Verdict::kTooOld, ready);
    if (received.trade.exchange_ns > last_ns_) return offer_astray(received, ready);
    const bool wanted =
        received.late || std::any_of(abandoned_.begin(), abandoned_.end(), [number](const auto& range) {
          return range.first <= number && number <= range.second;
        });
    if (!wanted) return Verdict::kDuplicate;
    seen_.add(received.trade);
    return give_late(received, Verdict::kTaken, ready);
  }
  if (number - next_ >= limits_.hole_max) return offer_astray(received, ready);
  astray_last_ = 0;
  seen_.add(received.trade);
  by_number_.emplace(number, received);
  if (received.source == TradeSource::kLive) drop_astray(received.trade, ready);
  drain(ready);
  if (by_number_.size() > limits_.waiting_max) {
    ++overflows_;
    abandon_hole(ready);
  }
  return Verdict::kTaken;
}

TradeOrder::Verdict TradeOrder::offer_astray(const ReceivedTrade& received,
                                             std::vector<ReceivedTrade>& ready) {
  const std::uint64_t number = received.trade.number;
  seen_.add(received.trade);
  const bool follows =
      astray_last_ != 0 && number > astray_last_ && number - astray_last_ <= limits_.step_max;
  if (received.source == TradeSource::kHistory || !follows) {
    pass_over(number, ready);
    if (received.source != TradeSource::kHistory) astray_last_ = number;
    return give_astray(received, ready);
  }
  for (const auto& [waits, behind] : by_number_) give_late(behind, Verdict::kTaken, ready);
  by_number_.clear();
  abandoned_.clear();
  passed_.clear();
  reached_ = 0;
  next_ = astray_last_ + 1;
  astray_last_ = 0;
  by_number_.emplace(number, received).first->second.anew = true;
  drain(ready);
  return Verdict::kAnew;
}

void TradeOrder::pass_over(std::uint64_t number, std::vector<ReceivedTrade>& ready) {
  if (number < next_ || by_number_.contains(number)) return;
  passed_.insert(number);
  if (passed_.size() > limits_.astray_max) passed_.erase(std::prev(passed_.end()));
  drain(ready);
}

void TradeOrder::drop_astray(const RawTrade& live, std::vector<ReceivedTrade>& ready) {
  while (!by_number_.empty()) {
    const auto last = std::prev(by_number_.end());
    if (last->first <= live.number || live.exchange_ns - last->second.trade.exchange_ns < kContradicts)
      return;
    const ReceivedTrade astray = last->second;
    by_number_.erase(last);
    pass_over(astray.trade.number, ready);
    give_astray(astray, ready);
  }
}

void TradeOrder::reached(std::uint64_t number) {
  if (next_ == 0) return;  // Nothing was ever seen: the tape begins with the next trade.
  if (number >= next_ && number - next_ >= limits_.hole_max) return;
  reached_ = std::max(reached_, number);
}

std::optional<TradeOrder::Hole> TradeOrder::hole() const {
  if (next_ == 0) return std::nullopt;
  if (!by_number_.empty()) {
    const auto& [number, behind] = *by_number_.begin();
    return Hole{next_, number - 1, last_ns_, behind.trade.exchange_ns};
  }
  if (reached_ >= next_) return Hole{next_, reached_, last_ns_, 0};
  return std::nullopt;
}

std::uint64_t TradeOrder::last_missing(std::uint64_t limit) const {
  std::uint64_t last = next_;
  std::uint64_t expected = next_;
  for (auto it = by_number_.begin(); it != by_number_.end() && expected <= limit; ++it) {
    if (it->first > expected) last = std::min(limit, it->first - 1);
    expected = it->first + 1;
  }
  if (expected <= limit && reached_ >= expected) last = std::min(limit, reached_);
  return last;
}

void TradeOrder::abandon_hole(std::vector<ReceivedTrade>& ready) {
  const auto missing = hole();
  if (!missing) return;
  want(missing->first, missing->last);
  next_ = missing->last + 1;
  drain(ready);
}

void TradeOrder::want(std::uint64_t first, std::uint64_t last) {
  abandoned_.emplace_back(first, last);
  if (abandoned_.size() > kAbandonedMax) abandoned_.pop_front();
}

void TradeOrder::close_gap(std::vector<ReceivedTrade>& ready) {
  gap_open_ = false;
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const ReceivedTrade& a, const ReceivedTrade& b) {
    return a.trade.exchange_ns < b.trade.exchange_ns;
  });
  for (const ReceivedTrade& received : waiting_) give(received, ready);
  waiting_.clear();
}

void TradeOrder::give(const ReceivedTrade& received, std::vector<ReceivedTrade>& ready) {
  if (received.trade.exchange_ns >= last_ns_) {
    last_ns_ = received.trade.exchange_ns;
    last_id_ = received.trade.id;
  }
  ready.push_back(received);
}

void TradeOrder::drain(std::vector<ReceivedTrade>& ready) {
  for (;; ++next_) {
    if (!by_number_.empty() && by_number_.begin()->first == next_) {
      give(by_number_.begin()->second, ready);
      by_number_.erase(by_number_.begin());
    } else if (passed_.erase(next_) == 0) {
      return;
    }
  }
}

}  // namespace navkeeper::pricing::venues
