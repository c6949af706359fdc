#include "services/custody/domain/chains/chain_reading.h"

#include "common/base/ensure.h"

namespace navkeeper::custody {
namespace {

constexpr Chain kChains[] = {Chain::kBitcoin, Chain::kEthereum, Chain::kCronosPos, Chain::kCronosEvm};

}  // namespace

std::string_view describe(Chain chain) {
  switch (chain) {
    case Chain::kBitcoin:
      return "bitcoin";
    case Chain::kEthereum:
      return "ethereum";
    case Chain::kCronosPos:
      return "cronos_pos";
    case Chain::kCronosEvm:
      return "cronos_evm";
  }
  ENSURE(false);
}

std::optional<Chain> parse_chain(std::string_view word) {
  for (const Chain chain : kChains) {
    if (describe(chain) == word) return chain;
  }
  return std::nullopt;
}

std::string_view native_asset(Chain chain) {
  switch (chain) {
    case Chain::kBitcoin:
      return "BTC";
    case Chain::kEthereum:
      return "ETH";
    case Chain::kCronosPos:
    case Chain::kCronosEvm:
      return "CRO";
  }
  ENSURE(false);
}

int native_decimals(Chain chain) {
  switch (chain) {
    case Chain::kBitcoin:
    case Chain::kCronosPos:
      return 8;
    case Chain::kEthereum:
    case Chain::kCronosEvm:
      return 18;
  }
  ENSURE(false);
}

std::string_view describe(Shown shown) {
  switch (shown) {
    case Shown::kStated:
      return "stated";
    case Shown::kHeader:
      return "header";
    case Shown::kProof:
      return "proof";
  }
  ENSURE(false);
}

crypto::Digest256 raw_sha256(const std::vector<model::NodeAnswer>& raw) {
  crypto::Sha256 all;
  for (const model::NodeAnswer& answer : raw) all.update(crypto::sha256(answer.body));
  return all.finish();
}

}  // namespace navkeeper::custody
