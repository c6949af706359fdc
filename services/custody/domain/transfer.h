#pragma once
// A deposit, a withdrawal, a reward in our words, whoever told it.
#include <optional>
#include <string>

#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::custody {

enum class Direction { kIn, kOut };

/// Amounts are whole coins, positive. Texts are empty where the source says nothing.
struct Transfer {
  std::string id;  ///< the source's
  Direction direction{};
  std::string asset;
  money::Decimal amount;
  std::optional<money::Decimal> fee;
  std::string fee_asset;
  std::string address;  ///< the other side's for what goes out, ours for what comes in
  std::string network;
  std::string transaction_id;  ///< on the chain
  std::string client_id;       ///< our own id of a withdrawal: its idempotency key
  std::string account;         ///< the source's account or wallet
  time::Instant created_at;
  std::optional<time::Instant> completed_at;
  bool operator==(const Transfer&) const = default;
};

/// Coins that staking brought.
struct Reward {
  std::string id;  ///< empty: the source gives none
  std::string staked_asset;
  std::string asset;  ///< in which it is paid
  money::Decimal amount;
  std::optional<money::Decimal> staked_amount;  ///< that earned it
  std::string type;                             ///< the source's word: "MEV_REWARD"
  std::string account;
  time::Instant at;
  bool operator==(const Reward&) const = default;
};

/// What a conversion at Crypto.com gave for what. Assets by their own names: staked coins are of the coin.
struct Converted {
  std::string given_asset;
  money::Decimal given;
  std::string received_asset;
  std::optional<money::Decimal> received;  ///< nothing: not said yet
};

}  // namespace navkeeper::custody
