#pragma once
// The document of a record: {"row": what the source wrote, "transfer"|"reward"|"stake": the same in our
// words}, in canonical JSON, so that equal content has equal bytes and a member nobody knows is kept.
#include <optional>
#include <string>

#include "common/json/value.h"
#include "services/custody/app/chains/chain_source.h"
#include "services/custody/domain/record.h"
#include "services/custody/domain/transfer.h"

namespace navkeeper::custody {

std::string row_document(const json::Value& row);
std::string transfer_document(const Transfer& transfer, const json::Value& row);
std::string reward_document(const Reward& reward, const json::Value& row);
/// `side`: "stake" or "unstake"; `account`: the wallet whose coins they are.
std::string stake_document(std::string_view side, const std::string& account, const json::Value& row);

/// What a transaction did to one of the fund's own addresses: a reward, or a transfer of what came in less
/// what went out. Its key is the address and the transaction's id (and the asset, of a token), its account
/// the address.
Record movement_record(Chain chain, const ChainMovement& movement);

/// Of a record of that kind; nothing when it is of another, or its document says nothing in our words.
std::optional<Transfer> transfer_of(const Record& record);
std::optional<Reward> reward_of(const Record& record);

/// Of a conversion's record; nothing when it is of anything else.
std::optional<Converted> conversion_of(const Record& record);

}  // namespace navkeeper::custody
