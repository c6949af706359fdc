#include "services/custody/adapters/attest.h"

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "services/custody/adapters/wallet_answer.h"
#include "services/custody/domain/chains/own_address.h"

namespace navkeeper::custody {
namespace {

Chain chain_of(SignatureMethod method) {
  switch (method) {
    case SignatureMethod::kBip322:
    case SignatureMethod::kSignmessage:
      return Chain::kBitcoin;
    case SignatureMethod::kEip191:
      return Chain::kEthereum;  // Cronos EVM spells its addresses alike
    case SignatureMethod::kAdr36:
      return Chain::kCronosPos;
  }
  return Chain::kBitcoin;
}

}  // namespace

StoredAttestation checked_attestation(VerifyRequest request, time::Instant now, const std::string& actor) {
  const auto canonical = canonical_address(chain_of(request.method), request.address);
  if (canonical.has_error()) throw base::Refused(canonical.error().within("address"));
  request.address = canonical->text;
  const Verdict verdict = verify(request);
  StoredAttestation stored;
  stored.address = request.address;
  stored.method = request.method;
  stored.use = request.use;
  stored.control = std::string(describe(verdict.control));
  stored.document = to_json(request, verdict);
  stored.shows = shown_by(verdict);
  request.signature = request.method == SignatureMethod::kAdr36
                          ? canonical_wallet_answer(request.signature)
                          : canonical_signature(request.method, request.signature);
  stored.message_sha256 = crypto::sha256(request.message);
  stored.signature_sha256 = crypto::sha256(request.signature);
  stored.verified_at = now;
  stored.actor = actor;
  stored.message = std::move(request.message);
  stored.signature = std::move(request.signature);
  return stored;
}

void write_attestation(json::Writer& writer, const StoredAttestation& stored) {
  writer.begin_object()
      .member("address", stored.address)
      .member("method", describe(stored.method))
      .member("address_use", describe(stored.use))
      .member("state", stored.control)
      .member("verified_at", stored.verified_at.to_string())
      .member("verified_by", stored.actor)
      .member("message_sha256", base::to_hex(stored.message_sha256))
      .member("signature_sha256", base::to_hex(stored.signature_sha256));
  writer.key("verdict").value(base::value_or_refuse(json::parse(stored.document)));
  writer.end_object();
}

std::string attestation_json(const StoredAttestation& stored) {
  json::Writer writer;
  write_attestation(writer, stored);
  return writer.take();
}

}  // namespace navkeeper::custody
