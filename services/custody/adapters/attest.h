#pragma once
// Attestations kept: a signature is checked and stored with its verdict, whatever that is.
#include <string>

#include "common/json/write.h"
#include "services/custody/adapters/attestation_store.h"
#include "services/custody/adapters/verify_command.h"

namespace navkeeper::custody {

/// Checks it; the address in its chain's one spelling. Refused (thrown) where the address cannot be read.
StoredAttestation checked_attestation(VerifyRequest request, time::Instant now, const std::string& actor);

/// The record as it is listed: its document's members, when and by whom it was checked, the hashes.
void write_attestation(json::Writer& writer, const StoredAttestation& stored);
std::string attestation_json(const StoredAttestation& stored);

}  // namespace navkeeper::custody
