#pragma once
// A movement: coins that leave (withdrawal), are staked or unstaked by the custodian, or are converted by it
// between a staked coin and the token that stands for it, on our word. Which
// states it passes, when it is sent, what a look into the custodian's history means. Pure: every state is
// stored before what follows from it is done.
//
//   proposed -> approved_once -> approved_twice -> sending -> sent -> confirmed | failed
//                                                     |
//       certainly not sent: back to approved_twice  <-+-> in_doubt -> sent | not_found
//                                                     +-> refused  -> sent | failed
//
// "sending" is written before the request leaves, so that a process that dies leaves a trace. What became of
// a request whose answer nobody has is looked up in the custodian's history by our own id (its idempotency
// key); it is sent again only after a person said so (not_found -> approved_twice), with the same id.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/custody/domain/coin_network.h"
#include "services/custody/domain/record.h"

namespace navkeeper::custody {

enum class MovementKind { kWithdrawal, kStake, kUnstake, kConvert };
std::string_view describe(MovementKind kind);  ///< "withdrawal", "stake", "unstake", "convert"
std::optional<MovementKind> parse_movement_kind(std::string_view word);

/// Of a conversion, beside what is given for it (the movement's asset: a coin means its staked ones): what is
/// received. `expected_rate`: staked coins for one token, as the proposer saw it; the custodian refuses one
/// that is worse by more than the slippage.
struct Conversion {
  std::string into;  ///< the custodian's name for it: "CDCETH", "ETH.staked"
  money::Decimal expected_rate;
  std::int64_t slippage_bps = 0;
  bool operator==(const Conversion&) const = default;
};
/// What a conversion of an asset gives: "CDCETH" for ETH, "ETH.staked" for CDCETH; empty where there is none.
std::string converted_into(std::string_view asset);

/// What is asked for; it never changes.
struct Movement {
  std::string id;
  MovementKind kind{};
  std::string custodian;  ///< by our name for it
  std::string account;    ///< the wallet at Coinbase Prime; empty at Crypto.com
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal amount;    ///< whole coins, positive
  std::string destination;  ///< of a withdrawal: the whitelisted address, by our name for it
  std::string reason;
  std::optional<Conversion> conversion = {};  ///< of a conversion
  bool operator==(const Movement&) const = default;
};

/// What is wrong with it by itself: `where` is the field.
base::Checked<void> check_movement(const Movement& movement);
/// The custodian's idempotency key of a movement: a UUID (RFC 9562, version 8) made of fund and id, the same
/// whenever asked.
std::string movement_client_id(const model::FundId& fund, const std::string& id);

/// Stakes that are under way, together: the fund's rule counts them whatever their coin.
struct CoinsUnderWay {
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::string custodian;
  money::Decimal coins;
  bool operator==(const CoinsUnderWay&) const = default;
};

/// What the fund's liquidity rule said of a stake when it was proposed.
struct StakeTest {
  enum class Outcome {
    kAllowed,
    kPlan,         ///< a staking plan's step: staking tested it as it submitted it
    kUnavailable,  ///< nobody could say; `detail` says why
  };
  Outcome outcome = Outcome::kUnavailable;
  std::string detail = "nobody was asked";
  /// Other stakes, not sent yet, that were counted too; by coin and custodian.
  std::vector<CoinsUnderWay> unseen = {};
  bool operator==(const StakeTest&) const = default;
};
std::string_view describe(StakeTest::Outcome outcome);  ///< "allowed", "plan", "unavailable"
std::optional<StakeTest::Outcome> parse_stake_test_outcome(std::string_view word);

enum class MovementState {
  kProposed,
  kApprovedOnce,
  kApprovedTwice,
  kSending,    ///< written before it leaves
  kInDoubt,    ///< it may have left; nobody has an answer
  kRefused,    ///< the custodian refused it; its history has yet to confirm that nothing moved
  kNotFound,   ///< a complete history that is late enough does not have it: a person decides
  kSent,       ///< the custodian has it
  kConfirmed,  ///< ended well, by the custodian's history
  kFailed,     ///< ended without moving anything
  kWithdrawn,
};
std::string_view describe(MovementState state);  ///< "proposed", "approved_once", ...
std::optional<MovementState> parse_movement_state(std::string_view word);
/// Whether `to` may come after `from`; nothing: as the first.
bool may_follow(std::optional<MovementState> from, MovementState to);
bool is_ended(MovementState state);  ///< confirmed, failed, withdrawn

/// What a step adds to a movement. Texts are empty where there is nothing to say.
struct MovementChange {
  MovementState state{};
  std::string detail = {};
  std::string custodian_id = {};    ///< by which the custodian's history names it
  std::string transaction_id = {};  ///< on the chain
  std::string status = {};          ///< the custodian's own word
  std::string document = {};        ///< its answer or its record, canonical JSON
  bool operator==(const MovementChange&) const = default;
};
struct MovementEvent {
  MovementChange change;
  std::string actor;
  time::Instant at;
};

/// What follows from a movement's events.
struct MovementStanding {
  MovementState state{};
  time::Instant since;  ///< of the state
  int attempts = 0;     ///< how often it was written down as sending
  std::optional<time::Instant> first_sending_at = {};
  std::optional<time::Instant> last_sending_at = {};
  std::string custodian_id = {};
  std::string transaction_id = {};
  std::string status = {};
};
/// ENSURE: at least one event.
MovementStanding standing_of(const std::vector<MovementEvent>& events);

/// Spans that make "it cannot arrive any more" true. A request is signed at most `signed_within` after it was
/// written down; both custodians refuse a signature older than a minute (Crypto.com's nonce 60 s, Prime's
/// timestamp 30 s); so a history that was told `settled_after` after that, or later, has it or never will.
struct MovementTiming {
  time::Duration signed_within = time::Duration::seconds(30);
  time::Duration answer_within = time::Duration::seconds(90);  ///< then its process is taken for dead
  time::Duration settled_after = time::Duration::seconds(180);
  time::Duration again_after = time::Duration::seconds(30);  ///< where it certainly did not leave
};

enum class MovementStep { kNothing, kSend, kLookUp };
MovementStep next_step(const MovementStanding& standing, time::Instant now, const MovementTiming& timing);

/// A record of a custodian's history that may be one of our movements.
struct InstructionSeen {
  std::string id;
  std::string client_id;  ///< empty: the custodian keeps none
  MovementKind kind{};
  std::string asset;
  money::Decimal amount;
  std::string address;       ///< of a withdrawal, with "?tag" where it has one; of a conversion what it gives
  std::string network = {};  ///< of a withdrawal, the custodian's word; empty: it says none
  std::string account = {};  ///< whose coins they are; empty: it says none
  std::string transaction_id;
  std::string status;
  Progress progress = Progress::kUnknown;
  time::Instant created_at;
  std::string document;
  /// It ended because the custodian made another record in its place, by which the coins go: the end of the
  /// record, not of the movement.
  bool is_replaced = false;
};
/// A complete history of one kind.
struct InstructionHistory {
  bool is_keyed = false;  ///< records carry our own ids
  time::Instant as_of;    ///< complete up to here, by our clock
  std::vector<InstructionSeen> seen;
};

struct Finding {
  enum class What {
    kNotThere,
    kFound,
    kAmbiguous,  ///< several records could be it
    kDiffers,    ///< the record with its id says something else than what was asked for
    kReplaced,   ///< its record was replaced, and nobody knows by which
  };
  What what = What::kNotThere;
  std::optional<InstructionSeen> seen = {};
  std::string why = {};
};
/// `whereto` is the destination, or what a conversion gives; `taken` are ids of records that belong to other
/// movements. Where the custodian keeps our ids the one with ours is it, and only that one: of several the
/// one that was not replaced, and where the last of them was, the one that a person named. Else the one with
/// its custodian's id, or, when none is known, the only one of its kind, coin and amount that was made since
/// it was first written down and is nobody else's; one that is alike while the one with the custodian's id is
/// not there is a person's to judge: it may be the movement under another name.
Finding find_movement(const Movement& movement, const std::string& client_id, const Whereto& whereto,
                      const MovementStanding& standing, const InstructionHistory& history,
                      const std::set<std::string>& taken);

/// Whether the record that a person names may be the movement: the history has it, it says what was asked
/// for, and it carries no other id than ours. Refused naming "custodian_id".
base::Checked<void> check_match(const Movement& movement, const std::string& client_id,
                                const Whereto& whereto, const InstructionHistory& history,
                                const std::string& custodian_id);

/// What a look into the history changes, in order; nothing: as it was.
std::vector<MovementChange> after_look(const MovementStanding& standing, const Finding& finding,
                                       time::Instant as_of, const MovementTiming& timing);

}  // namespace navkeeper::custody
