#include "services/custody/adapters/roll_forward_json.h"

#include <algorithm>

#include "services/custody/adapters/statements.h"
#include "services/custody/domain/chains/own_address.h"

namespace navkeeper::custody {
namespace {

std::optional<RollPoint> point_of(const std::vector<StoredBalance>& balances, const std::string& asset) {
  for (const StoredBalance& stored : balances) {
    if (stored.balance.asset.value() == asset) return roll_point(stored.balance);
  }
  return std::nullopt;
}

void write_amount(json::Writer& writer, const char* name, const std::optional<money::Decimal>& amount) {
  writer.key(name);
  amount ? writer.decimal(*amount) : writer.null();
}

void write_end(json::Writer& writer, const char* name, const std::optional<RollPoint>& point) {
  writer.key(name);
  if (!point) {
    writer.null();
    return;
  }
  writer.begin_object();
  write_amount(writer, "owned", point->owned);
  writer.member("as_of", point->as_of.to_string()).member("sure", point->sure).end_object();
}

}  // namespace

namespace {

/// A chain lists its own coin, and tokens since it walks them, where nothing is staked (but on Cronos POS),
/// and as far as its blocks were read.
bool is_told(const AccountHistory& history, const AccountEnds& ends, const std::string& asset) {
  const auto chain = chain_of_source(history.source);
  if (!history.tells_transfers || !chain) return history.tells_transfers;
  const auto any = [](const std::optional<money::Decimal>& amount) { return amount && !amount->is_zero(); };
  const auto is_beyond = [&](const StoredBalance& stored) {
    const Balance& end = stored.balance;
    return end.asset.value() == asset &&
           (end.as_of > *history.told_until ||
            (!lists_stakes(*chain) && (any(end.staked) || any(end.activating) || any(end.unbonding))));
  };
  const auto opening =
      std::find_if(ends.opening.begin(), ends.opening.end(),
                   [&](const StoredBalance& stored) { return stored.balance.asset.value() == asset; });
  const time::Instant since =
      opening == ends.opening.end() ? time::Instant::earliest() : opening->balance.as_of;
  return is_listed(history, asset, since) &&
         std::none_of(ends.closing.begin(), ends.closing.end(), is_beyond);
}

}  // namespace

std::vector<AssetRoll> asset_rolls(const AccountHistory& history, const AccountEnds& ends, bool is_only) {
  std::vector<AssetRoll> rolls;
  for (const std::string& asset : ends.assets)
    rolls.push_back({history.source, ends.account, asset, is_told(history, ends, asset),
                     roll_forward(point_of(ends.opening, asset), point_of(ends.closing, asset),
                                  flows_of(history, ends.account, asset, is_only))});
  return rolls;
}

void write_roll(json::Writer& writer, const AssetRoll& one) {
  const RollForward& roll = one.roll;
  writer.begin_object()
      .member("source", one.source)
      .member("account", one.account)
      .member("asset", one.asset)
      .member("state", state_of(roll))
      .member("transfers_told", one.transfers_told);
  write_end(writer, "opening", roll.opening);
  writer.member("in", roll.in)
      .member("out", roll.out)
      .member("fees", roll.fees)
      .member("staking", roll.staking)
      .member("flows", roll.flows);
  write_amount(writer, "expected", roll.expected);
  write_end(writer, "closing", roll.closing);
  write_amount(writer, "difference", roll.difference);
  writer.key("open").begin_array();
  for (const std::string& key : roll.open) writer.string(key);
  writer.end_array().end_object();
}

}  // namespace navkeeper::custody
