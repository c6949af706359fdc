#pragma once
// What a block of the fund's own brought on the execution layer, as its fee recipient received it. Wei,
// whole.
//
// Either the block pays its tips to an address of the fund: sum of price * gas of its transactions, less the
// burnt base fee. Or it pays them to its builder, who pays the proposer in a transaction of the same block:
// then that payment is what was received, and the tips are the builder's. Never both.
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "services/staking/domain/ether/fork.h"

namespace navkeeper::staking::ether {

using Wei = money::Int128;

/// A block that a validator of the fund proposed, as the beacon chain carries it.
struct OwnBlock {
  Slot slot = 0;
  std::uint64_t validator = 0;
  std::uint64_t number = 0;   ///< of the execution block
  std::string hash;           ///< likewise, 0x and 64 digits
  std::string fee_recipient;  ///< 0x and 40 digits in lower case
  bool operator==(const OwnBlock&) const = default;
};

struct ExecutionTransaction {
  std::string hash;
  std::string from;  ///< 0x and 40 digits in lower case
  std::string to;    ///< empty: it makes a contract
  Wei value = 0;
  bool succeeded = true;
  std::uint64_t gas = 0;  ///< used
  Wei price = 0;          ///< effective, of one gas
};
struct ExecutionPayments {
  std::string parent_hash;
  Wei base_fee = 0;
  std::uint64_t gas = 0;  ///< used by all of them
  std::vector<ExecutionTransaction> transactions;
};

/// What an address held just before and just behind a block.
struct AroundBlock {
  Wei before = 0;
  Wei after = 0;
  bool operator==(const AroundBlock&) const = default;
};

/// One block of the fund's, as an address of the fund received it.
struct SeenTips {
  OwnBlock block;
  std::string parent_hash;
  std::string recipient;               ///< the address of the fund that received it; empty: none did
  Wei tips = 0;                        ///< where the block's fee recipient is the fund's
  Wei mev = 0;                         ///< where the builder paid
  std::string transaction;             ///< the payment of a builder
  Wei came = 0;                        ///< to the recipient by other transactions of the block
  Wei went = 0;                        ///< from it, with what its transactions cost
  std::optional<AroundBlock> balance;  ///< of the recipient; nothing: the node does not keep that state
  bool operator==(const SeenTips&) const = default;
};

/// `own` are the fund's addresses. Nothing where the amounts do not fit 128 bits.
std::optional<SeenTips> received_in(const OwnBlock& block, const ExecutionPayments& payments,
                                    const std::vector<std::string>& own);

}  // namespace navkeeper::staking::ether
