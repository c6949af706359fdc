#include "services/staking/adapters/chain_node.h"

#include "common/base/bytes.h"
#include "common/crypto/digest.h"

namespace navkeeper::staking {

std::string raw_sha256(const std::vector<model::NodeAnswer>& raw) {
  crypto::Sha256 whole;
  for (const model::NodeAnswer& answer : raw) whole.update(crypto::sha256(answer.body));
  return base::to_hex(whole.finish());
}

}  // namespace navkeeper::staking
