#include "services/staking/domain/ether/tips.h"

#include <algorithm>

namespace navkeeper::staking::ether {
namespace {

/// Sums that say when they do not fit.
class Sum {
 public:
  void add(Wei amount) { fits_ = fits_ && !__builtin_add_overflow(total_, amount, &total_); }
  void subtract(Wei amount) { fits_ = fits_ && !__builtin_sub_overflow(total_, amount, &total_); }
  void add(Wei price, std::uint64_t gas) { add(product(price, gas)); }
  void subtract(Wei price, std::uint64_t gas) { subtract(product(price, gas)); }
  bool fits() const { return fits_; }
  Wei total() const { return total_; }

 private:
  Wei product(Wei price, std::uint64_t gas) {
    Wei result = 0;
    fits_ = fits_ && !__builtin_mul_overflow(price, static_cast<Wei>(gas), &result);
    return result;
  }
  Wei total_ = 0;
  bool fits_ = true;
};

}  // namespace

std::optional<SeenTips> received_in(const OwnBlock& block, const ExecutionPayments& payments,
                                    const std::vector<std::string>& own) {
  const auto is_own = [&](const std::string& address) {
    return std::find(own.begin(), own.end(), address) != own.end();
  };
  SeenTips seen;
  seen.block = block;
  seen.parent_hash = payments.parent_hash;
  Sum tips, mev, came, went;
  if (is_own(block.fee_recipient)) {
    seen.recipient = block.fee_recipient;
    for (const ExecutionTransaction& one : payments.transactions) tips.add(one.price, one.gas);
    tips.subtract(payments.base_fee, payments.gas);
  } else {
    // Builders pay in the last transaction of the block; whoever pays otherwise is found all the same.
    for (auto one = payments.transactions.rbegin(); one != payments.transactions.rend(); ++one) {
      if (!one->succeeded || one->from != block.fee_recipient || !is_own(one->to) || one->value == 0)
        continue;
      seen.recipient = one->to;
      seen.transaction = one->hash;
      mev.add(one->value);
      break;
    }
  }
  for (const ExecutionTransaction& one : payments.transactions) {
    if (seen.recipient.empty()) break;
    if (one.succeeded && one.to == seen.recipient && one.hash != seen.transaction) came.add(one.value);
    if (one.from != seen.recipient) continue;
    if (one.succeeded) went.add(one.value);
    went.add(one.price, one.gas);
  }
  if (!tips.fits() || !mev.fits() || !came.fits() || !went.fits()) return std::nullopt;
  seen.tips = tips.total();
  seen.mev = mev.total();
  seen.came = came.total();
  seen.went = went.total();
  return seen;
}

}  // namespace navkeeper::staking::ether
