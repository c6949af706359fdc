#pragma once
// Roll-forwards of accounts, by asset, for statements, routes and commands.
#include <string>
#include <vector>

#include "common/json/write.h"
#include "services/custody/adapters/account_history.h"

namespace navkeeper::custody {

struct AccountEnds;

struct AssetRoll {
  std::string source;
  std::string account;
  std::string asset;
  bool transfers_told = false;  ///< the source tells its transfers: what is missing here did not happen
  RollForward roll;
};

/// One for each asset of the account.
std::vector<AssetRoll> asset_rolls(const AccountHistory& history, const AccountEnds& ends, bool is_only);

void write_roll(json::Writer& writer, const AssetRoll& roll);

}  // namespace navkeeper::custody
