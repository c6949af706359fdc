#pragma once
// Checked signatures in PostgreSQL (sql/custody, attestation): each once, never changed.
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "common/db/pool.h"
#include "common/model/id.h"
#include "common/time/instant.h"
#include "services/custody/domain/attestation.h"

namespace navkeeper::custody {

struct StoredAttestation {
  std::string address;  ///< in its chain's one spelling
  SignatureMethod method{};
  AddressUse use{};
  std::string control;   ///< "valid", "inconclusive", "invalid"
  std::string document;  ///< the verdict, what it proves and what it does not: JSON
  crypto::Digest256 message_sha256{};
  crypto::Digest256 signature_sha256{};
  time::Instant verified_at;  ///< when it was first checked here
  std::string actor;
  std::string message = {};               ///< the bytes that were signed
  std::string signature = {};             ///< in its method's one spelling
  std::optional<std::string> shows = {};  ///< shown_by(verdict)
};

/// The stored record: `attestation`, or the one that was there before: of the same address, method and
/// message where it is valid and shows the same, by whatever signature; else of the same signature too. In
/// the caller's transaction, with an entry of the audit trail when it is new.
StoredAttestation keep_attestation(db::Transaction& transaction, const model::FundId& fund,
                                   const StoredAttestation& attestation);

/// The newest first; of one address, or (empty) of all.
std::vector<StoredAttestation> list_attestations(db::Transaction& transaction, const model::FundId& fund,
                                                 const std::string& address);

}  // namespace navkeeper::custody
