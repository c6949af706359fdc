#include "services/staking/domain/validator_set.h"

#include <algorithm>

namespace navkeeper::staking {
namespace {

constexpr int kSetDecimals = 18;
constexpr std::int64_t kNsOfADay = std::int64_t{86'400} * 1'000'000'000;

money::Decimal count_of(std::uint64_t count) { return money::Decimal::of(static_cast<money::Int128>(count)); }

}  // namespace

const ValidatorRecord* ValidatorSet::find(const std::string& address) const {
  const auto found =
      std::lower_bound(validators.begin(), validators.end(), address,
                       [](const ValidatorRecord& one, const std::string& key) { return one.address < key; });
  return found == validators.end() || found->address != address ? nullptr : &*found;
}

std::optional<money::Decimal> uptime(const ValidatorRecord& validator) {
  if (!validator.signed_window) return std::nullopt;
  const std::uint64_t window = *validator.signed_window;
  if (window == 0) return money::Decimal::of(1);
  return money::divide(count_of(window - std::min(window, validator.missed_blocks)), count_of(window),
                       kSetDecimals, money::Rounding::kDown);
}

std::optional<money::Decimal> gross_rate(const ValidatorSet& set) {
  if (!set.annual_provisions || !set.bonded.is_positive()) return std::nullopt;
  return money::mul_div(*set.annual_provisions, money::Decimal::of(1) - set.community_tax, set.bonded,
                        kSetDecimals, money::Rounding::kDown);
}

SlashRecord slashes_of(const ValidatorSet& set, const std::string& validator) {
  SlashRecord record;
  money::Decimal sum;
  for (const ValidatorSlash& slash : set.slashes) {
    if (slash.validator != validator || slash.after < set.history_from) continue;
    ++record.count;
    sum += slash.fraction;
  }
  if (record.count > 0)
    record.mean_fraction =
        money::divide(sum, money::Decimal::of(record.count), kSetDecimals, money::Rounding::kUp);
  return record;
}

int observed_days(const ValidatorSet& set, const ValidatorRecord& validator) {
  if (validator.slashes_to == 0 || set.mark.at <= validator.observed_since) return 0;
  return static_cast<int>((set.mark.at - validator.observed_since).ns() / kNsOfADay);
}

}  // namespace navkeeper::staking
