#pragma once
// What a check of a signed message says. Nothing unsure is ever shown as valid: what this code does not
// understand is inconclusive (BIP-322, "Verification"), and only a rule that was really broken makes it
// invalid.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.h"

namespace navkeeper::custody {

enum class Control {
  kValid,         ///< who signed could spend from the address when they signed
  kInconclusive,  ///< the script or the form is not one that is understood here
  kInvalid,       ///< a rule was broken
};
std::string_view describe(Control control);  ///< "valid", "inconclusive", "invalid"

/// When coins under a time lock can move (BIP-322: "valid at time T and age S").
struct TimeLock {
  std::uint32_t lock_time = 0;  ///< nLockTime: below 500,000,000 a block height, else seconds since 1970
  std::uint32_t sequence = 0;   ///< nSequence of the first input (BIP-68)
  bool operator==(const TimeLock&) const = default;
};

/// An output that a proof of funds claims besides the address. That it exists, is unspent and holds this
/// value must be looked up on the chain: the signature alone does not show it.
struct ClaimedOutput {
  std::string transaction_id;  ///< as explorers show it: hexadecimal, last byte first
  std::uint32_t index = 0;
  std::uint64_t value_satoshi = 0;  ///< as the proof states it
  base::Bytes script_pubkey;        ///< as the proof states it
  bool operator==(const ClaimedOutput&) const = default;
};

struct Verdict {
  Control control = Control::kInconclusive;
  std::string reason;                   ///< a sentence without a full stop; never empty
  std::optional<TimeLock> time_lock{};  ///< only when valid, and set by the signer
  std::vector<ClaimedOutput> claimed_outputs{};

  bool valid() const { return control == Control::kValid; }
};

inline Verdict valid(std::string reason) { return {Control::kValid, std::move(reason)}; }
inline Verdict inconclusive(std::string reason) { return {Control::kInconclusive, std::move(reason)}; }
inline Verdict invalid(std::string reason) { return {Control::kInvalid, std::move(reason)}; }

}  // namespace navkeeper::custody
