#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <map>
#include <string>

#include "services/pricing/adapters/venues/trade_order.h"

namespace navkeeper::pricing::venues {
namespace {

RawTrade trade_of(int id, int price, std::int64_t exchange_ns) {
  RawTrade trade;
  trade.id = *TradeId::of("t" + std::to_string(id));
  trade.price = {price, 0};
  trade.size = {1, 0};
  trade.exchange_ns = exchange_ns;
  return trade;
}

/// The same by a map and a queue.
class PlainlySeen {
 public:
  explicit PlainlySeen(std::size_t capacity) : capacity_(capacity) {}

  SeenTrades::Answer look(const RawTrade& trade) const {
    const auto found = prices_.find(std::string(trade.id.text()));
    if (found == prices_.end()) {
      return trade.exchange_ns <= forgotten_until_ ? SeenTrades::Answer::kForgotten
                                                   : SeenTrades::Answer::kNew;
    }
    return found->second == trade.price.mantissa ? SeenTrades::Answer::kSame : SeenTrades::Answer::kOther;
  }

  void add(const RawTrade& trade) {
    if (!prices_.emplace(std::string(trade.id.text()), trade.price.mantissa).second) return;
    order_.push_back(trade);
    if (order_.size() <= capacity_) return;
    forgotten_until_ = std::max(forgotten_until_, order_.front().exchange_ns);
    prices_.erase(std::string(order_.front().id.text()));
    order_.pop_front();
  }

  std::size_t size() const { return order_.size(); }

 private:
  std::size_t capacity_;
  std::map<std::string, std::int64_t> prices_;
  std::deque<RawTrade> order_;
  std::int64_t forgotten_until_ = INT64_MIN;
};

RC_GTEST_PROP(SeenTrades, AnswerAsAMapAndAQueueDo, ()) {
  const auto capacity = *rc::gen::inRange<std::size_t>(1, 40);
  SeenTrades ours(capacity);
  PlainlySeen plain(capacity);
  const auto ids = *rc::gen::container<std::vector<int>>(400, rc::gen::inRange(0, 120));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const RawTrade trade = trade_of(ids[i], *rc::gen::inRange(1, 3), static_cast<std::int64_t>(i / 3));
    RC_ASSERT(static_cast<int>(ours.look(trade)) == static_cast<int>(plain.look(trade)));
    ours.add(trade);
    plain.add(trade);
    RC_ASSERT(ours.size() == plain.size());
  }
}

}  // namespace
}  // namespace navkeeper::pricing::venues
