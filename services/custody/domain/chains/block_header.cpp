#include "services/custody/domain/chains/block_header.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/custody/domain/chains/rlp.h"

namespace navkeeper::custody {
namespace {

void append_little_endian(base::Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

bool EthereumHeader::is_of_one_fork() const {
  const bool cancun = blob_gas_used && excess_blob_gas && parent_beacon_root;
  const bool any_of_cancun = blob_gas_used || excess_blob_gas || parent_beacon_root;
  return cancun == any_of_cancun && (!withdrawals_root || base_fee) && (!cancun || withdrawals_root) &&
         (!requests_hash || cancun);
}

base::Bytes EthereumHeader::encoded() const {
  ENSURE(is_of_one_fork());
  std::vector<base::Bytes> fields{
      rlp_string(parent_hash), rlp_string(uncles_hash),       rlp_string(miner),
      rlp_string(state_root),  rlp_string(transactions_root), rlp_string(receipts_root),
      rlp_string(logs_bloom),  rlp_string(difficulty),        rlp_string(big_endian(number)),
      rlp_string(gas_limit),   rlp_string(gas_used),          rlp_string(big_endian(timestamp_s)),
      rlp_string(extra_data),  rlp_string(mix_hash),          rlp_string(nonce)};
  if (base_fee) fields.push_back(rlp_string(*base_fee));
  if (withdrawals_root) fields.push_back(rlp_string(*withdrawals_root));
  if (parent_beacon_root) {
    fields.push_back(rlp_string(*blob_gas_used));
    fields.push_back(rlp_string(*excess_blob_gas));
    fields.push_back(rlp_string(*parent_beacon_root));
  }
  if (requests_hash) fields.push_back(rlp_string(*requests_hash));
  return rlp_list(fields);
}

crypto::Digest256 BitcoinHeader::hash() const {
  base::Bytes bytes;
  append_little_endian(bytes, version);
  bytes.insert(bytes.end(), previous.begin(), previous.end());
  bytes.insert(bytes.end(), merkle_root.begin(), merkle_root.end());
  append_little_endian(bytes, time_s);
  append_little_endian(bytes, bits);
  append_little_endian(bytes, nonce);
  return crypto::sha256d(bytes);
}

bool BitcoinHeader::has_its_work() const {
  // target = mantissa * 256^(exponent - 3); the sign bit of the mantissa is never set in a valid header.
  constexpr std::uint32_t kMantissa = 0x007fffff;
  const std::uint32_t exponent = bits >> 24;
  const std::uint32_t mantissa = bits & kMantissa;
  if ((bits & 0x00800000) != 0 || mantissa == 0 || exponent < 3 || exponent > 32) return false;
  crypto::Digest256 target{};  // most significant byte first
  for (std::uint32_t i = 0; i < 3; ++i)
    target[32 - exponent + i] = static_cast<std::uint8_t>(mantissa >> (8 * (2 - i)));
  crypto::Digest256 shown = hash();
  std::reverse(shown.begin(), shown.end());
  return shown <= target;
}

}  // namespace navkeeper::custody
