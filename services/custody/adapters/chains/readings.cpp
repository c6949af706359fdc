#include "services/custody/adapters/chains/readings.h"

#include "common/base/refuse.h"

namespace navkeeper::custody {

Balance native_balance(const ChainReading& reading) {
  Balance balance;
  balance.place = {std::string(describe(reading.chain)), reading.address};
  balance.asset = model::AssetId::literal(native_asset(reading.chain));
  balance.scale = native_decimals(reading.chain);
  balance.staked_in_total = Counted::kInside;
  if (reading.block_time) balance.as_of = *reading.block_time;
  balance.block = reading.block;
  balance.raw_sha256 = raw_sha256(reading.raw);
  return balance;
}

void add_balance(ChainReading& reading, Balance balance) {
  if (auto broken = broken_balance_rule(balance))
    throw base::Refused(broken->within(reading.source + ": " + balance.asset.value()));
  reading.balances.push_back(std::move(balance));
}

}  // namespace navkeeper::custody
