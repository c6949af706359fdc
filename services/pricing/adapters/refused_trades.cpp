#include "services/pricing/adapters/refused_trades.h"

#include <algorithm>

namespace navkeeper::pricing {

bool RefusedTrades::refuse(Trade trade, time::Instant now) {
  const std::lock_guard lock(mutex_);
  if (given_up_.contains({trade.pair, trade.id})) return false;
  held_[trade.pair] = false;
  any_ = true;
  last_ = now;
  if (refused_.size() < limits_.remembered_max) refused_.push_back(std::move(trade));
  return true;
}

void RefusedTrades::took_live(const std::string& pair) {
  if (!any_) return;
  const std::lock_guard lock(mutex_);
  const auto held = held_.find(pair);
  if (held != held_.end()) held->second = true;
}

bool RefusedTrades::holds(const std::string& pair) const {
  if (!any_) return false;
  const std::lock_guard lock(mutex_);
  return held_.contains(pair);
}

bool RefusedTrades::is_due(time::Instant now) const {
  const std::lock_guard lock(mutex_);
  if (!last_) return false;
  time::Duration quiet = limits_.quiet;
  for (int i = 0; i < in_a_row_ && quiet < limits_.quiet_max; ++i) quiet = quiet * 2;
  return now < *last_ || now - *last_ >= std::min(quiet, limits_.quiet_max);
}

std::vector<RefusedTrades::Trade> RefusedTrades::end_session() {
  const std::lock_guard lock(mutex_);
  std::vector<Trade> lost;
  std::map<std::pair<std::string, std::string>, int> still;
  for (const Trade& trade : refused_) {
    const std::pair<std::string, std::string> key{trade.pair, trade.id};
    if (still.contains(key)) continue;
    const auto before = sessions_.find(key);
    const int sessions = (before == sessions_.end() ? 0 : before->second) + (held_[trade.pair] ? 1 : 0);
    if (sessions >= limits_.sessions_max && given_up_.size() < limits_.remembered_max) {
      given_up_.insert(key);
      lost.push_back(trade);
      continue;
    }
    still[key] = sessions;
  }
  sessions_ = std::move(still);
  in_a_row_ = refused_.empty() ? 0 : in_a_row_ + 1;
  refused_.clear();
  held_.clear();
  any_ = false;
  last_.reset();
  return lost;
}

}  // namespace navkeeper::pricing
