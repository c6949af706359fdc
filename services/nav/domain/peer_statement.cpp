#include "services/nav/domain/peer_statement.h"

#include "common/base/ensure.h"

namespace navkeeper::nav {

std::string_view describe(PeerKind kind) {
  switch (kind) {
    case PeerKind::kCustody:
      return "custody";
    case PeerKind::kStaking:
      return "staking";
  }
  ENSURE(false);
}

std::optional<PeerKind> parse_peer_kind(std::string_view word) {
  for (const PeerKind kind : {PeerKind::kCustody, PeerKind::kStaking}) {
    if (word == describe(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace navkeeper::nav
